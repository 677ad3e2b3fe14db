// Links that sign a phone in for one project, and the phones that they signed in. Both lie under a hash of their secret,
// so that who reads the table can use neither.
import { createHash } from 'node:crypto';
import type { Documents } from '../aws/clients.ts';
import { updateIf } from '../aws/conditions.ts';

interface Bound {
  personId: string;
  projectId: string;
  /** How often the person had been signed out everywhere when it was made; it counts only with that number. */
  signOuts: number;
  /** The session that asked for it: when that ends, it ends too. */
  sessionHandle: string;
  /** Milliseconds since the epoch. */
  endsAt: number;
}

export type PhoneLink = Bound;

export interface Phone extends Bound {
  /** Beyond this it does not go on, however much it is used. */
  lastsUntil: number;
}

interface Dependencies {
  documents: Documents;
  table: string;
  now: () => Date;
}

const hashOf = (secret: string) => createHash('sha256').update(secret).digest('base64url');
const linkKey = (token: string) => ({ pk: `PHONE-LINK#${hashOf(token)}`, sk: 'PHONE-LINK' });
const phoneKey = (secret: string) => ({ pk: `PHONE#${hashOf(secret)}`, sk: 'PHONE' });
const inSeconds = (ms: number) => Math.ceil(ms / 1000);

export function createPhoneStore({ documents, table, now }: Dependencies) {
  return {
    async createLink(token: string, link: PhoneLink) {
      const Item = { ...linkKey(token), ...link, expiresAt: inSeconds(link.endsAt) };
      await documents.put({ TableName: table, Item });
    },

    /** The link, used up by this; undefined when there is none, or it is over, or was used before. */
    async useLink(token: string): Promise<PhoneLink | undefined> {
      const isUnused = 'attribute_exists(pk) AND attribute_not_exists(usedAt) AND endsAt > :now'; // of two phones, one
      const used = await updateIf(documents, {
        TableName: table,
        Key: linkKey(token),
        UpdateExpression: 'SET usedAt = :now',
        ConditionExpression: isUnused,
        ExpressionAttributeValues: { ':now': now().getTime() },
        ReturnValues: 'ALL_NEW',
      });
      return used as PhoneLink | undefined;
    },

    async createPhone(secret: string, phone: Phone) {
      const Item = { ...phoneKey(secret), ...phone, expiresAt: inSeconds(phone.lastsUntil) };
      await documents.put({ TableName: table, Item });
    },

    /** The phone while it is signed in. */
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
