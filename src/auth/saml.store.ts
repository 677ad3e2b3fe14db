// State of single sign-on shared by all instances: pending sign-ins, and used assertions.
import { createHash } from 'node:crypto';
import type { Documents } from '../aws/clients.ts';
import { putIf, updateIf } from '../aws/conditions.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  now: () => Date;
}

/** The time limit of a pending sign-in (node-saml's requestIdExpirationPeriodMs). */
export const pendingRequestMs = 600_000;

export function createSamlStore({ documents, table, now }: Dependencies) {
  const requestKey = (requestId: string) => ({ pk: `SAML-REQUEST#${requestId}`, sk: 'REQUEST' });

  return {
    /** Stores an AuthnRequest, its provider, and a hash of the browser's cookie. */
    async saveRequest({
      requestId,
      ...asked
    }: {
      requestId: string;
      browserHash: string;
      providerId: string;
    }) {
      const expiresAt = Math.ceil((now().getTime() + pendingRequestMs) / 1000);
      await documents.put({ TableName: table, Item: { ...requestKey(requestId), ...asked, expiresAt } });
    },

    async findRequest(requestId: string) {
      if (requestId.length > 200) return undefined; // keys have a size limit; our ids have 33 characters
      const { Item } = await documents.get({
        TableName: table,
        Key: requestKey(requestId),
        ConsistentRead: true,
      });
      if (!Item || Item.usedAt || Item.expiresAt * 1000 < now().getTime()) return undefined;
      return { browserHash: Item.browserHash as string, providerId: Item.providerId as string };
    },

    /** Uses the request up. Of several concurrent callers, exactly one gets `true`. */
    async consumeRequest(requestId: string): Promise<boolean> {
      const requestStillPending = 'attribute_exists(pk) AND attribute_not_exists(usedAt)'; // of five concurrent replays, one
      const time = now().getTime();
      // marked rather than deleted: a deletion whose answer was lost could not be told from another caller's
      const used = await updateIf(documents, {
        TableName: table,
        Key: requestKey(requestId),
        UpdateExpression: 'SET usedAt = :now, expiresAt = :past',
        ConditionExpression: requestStillPending,
        ExpressionAttributeValues: {
          ':now': new Date(time).toISOString(),
          ':past': Math.floor(time / 1000) - 1,
        },
      });
      return used !== undefined;
    },

    /** Stores an assertion until it expires; `false` when it was used before (saml-profiles 4.1.4.5). */
    async useAssertion(assertion: {
      issuer: string;
      assertionId: string;
      notOnOrAfter: Date;
    }): Promise<boolean> {
      const { issuer, assertionId, notOnOrAfter } = assertion;
      const digest = createHash('sha256')
        .update(JSON.stringify([issuer, assertionId]))
        .digest('base64url');
      const neverUsed = 'attribute_not_exists(pk)'; // bearer assertions count once
      return putIf(documents, {
        TableName: table,
        Item: {
          pk: `SAML-ASSERTION#${digest}`,
          sk: 'USED',
          expiresAt: Math.ceil(notOnOrAfter.getTime() / 1000) + 120,
        },
        ConditionExpression: neverUsed,
      });
    },
  };
}

export type SamlStore = ReturnType<typeof createSamlStore>;
