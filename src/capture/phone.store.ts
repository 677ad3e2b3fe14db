// Links that sign a phone in for one project, and the phones that used them. Both are stored under a hash of their
// secret, so that reading the table gives access to neither.
import { createHash } from 'node:crypto';
import type { Documents } from '../aws/clients.ts';
import { updateIf } from '../aws/conditions.ts';
import type { Phone, PhoneLink } from './phone.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  now: () => Date;
}

const hashOf = (secret: string) => createHash('sha256').update(secret).digest('base64url');
const linkKey = (linkId: string) => ({ pk: `PHONE-LINK#${linkId}`, sk: 'PHONE-LINK' });
const phoneKey = (secret: string) => ({ pk: `PHONE#${hashOf(secret)}`, sk: 'PHONE' });
const inSeconds = (ms: number) => Math.ceil(ms / 1000);

export function createPhoneStore({ documents, table, now }: Dependencies) {
  return {
    /** Identifies a link without revealing its token. */
    linkIdOf: hashOf,

    async createLink(linkId: string, link: PhoneLink) {
      const Item = { ...linkKey(linkId), ...link, expiresAt: inSeconds(link.endsAt) };
      await documents.put({ TableName: table, Item });
    },

    async findLink(linkId: string): Promise<PhoneLink | undefined> {
      const { Item } = await documents.get({ TableName: table, Key: linkKey(linkId), ConsistentRead: true });
      return Item as PhoneLink | undefined;
    },

    /**
     * Uses up the link; `undefined` when it does not exist, has expired or was used before. Its item stays until
     * `keptUntil`, to show the phone's progress.
     */
    async useLink(
      linkId: string,
      { phoneEndsAt, keptUntil }: { phoneEndsAt: number; keptUntil: number },
    ): Promise<PhoneLink | undefined> {
      const isUnused = 'attribute_exists(pk) AND attribute_not_exists(usedAt) AND endsAt > :now'; // of two phones, one
      const used = await updateIf(documents, {
        TableName: table,
        Key: linkKey(linkId),
        UpdateExpression: 'SET usedAt = :now, phoneEndsAt = :phoneEndsAt, expiresAt = :expiresAt',
        ConditionExpression: isUnused,
        ExpressionAttributeValues: {
          ':now': now().getTime(),
          ':phoneEndsAt': phoneEndsAt,
          ':expiresAt': inSeconds(keptUntil),
        },
        ReturnValues: 'ALL_NEW',
      });
      return used as PhoneLink | undefined;
    },

    /** Records on the link what its phone added, and when the phone is signed out. */
    async recordOnLink(
      linkId: string,
      { addedIds, phoneEndsAt }: { addedIds: string[]; phoneEndsAt: number },
    ) {
      const hasAdded = addedIds.length > 0; // DynamoDB has no empty sets
      await updateIf(documents, {
        TableName: table,
        Key: linkKey(linkId),
        UpdateExpression: `SET phoneEndsAt = :phoneEndsAt${hasAdded ? ' ADD addedIds :addedIds' : ''}`,
        ConditionExpression: 'attribute_exists(pk)', // expired meanwhile
        ExpressionAttributeValues: {
          ':phoneEndsAt': phoneEndsAt,
          ...(hasAdded ? { ':addedIds': new Set(addedIds) } : {}),
        },
      });
    },

    async createPhone(secret: string, phone: Phone) {
      const Item = { ...phoneKey(secret), ...phone, expiresAt: inSeconds(phone.lastsUntil) };
      await documents.put({ TableName: table, Item });
    },

    /** The phone, if it is signed in. */
    async findPhone(secret: string): Promise<Phone | undefined> {
      const { Item } = await documents.get({ TableName: table, Key: phoneKey(secret), ConsistentRead: true });
      const phone = Item as Phone | undefined;
      return phone && phone.endsAt > now().getTime() ? phone : undefined;
    },

    async prolong(secret: string, endsAt: number) {
      await updateIf(documents, {
        TableName: table,
        Key: phoneKey(secret),
        UpdateExpression: 'SET endsAt = :endsAt',
        ConditionExpression: 'attribute_exists(pk)', // signed out meanwhile
        ExpressionAttributeValues: { ':endsAt': endsAt },
      });
    },

    async removePhone(secret: string) {
      await documents.delete({ TableName: table, Key: phoneKey(secret) });
    },
  };
}

export type PhoneStore = ReturnType<typeof createPhoneStore>;
