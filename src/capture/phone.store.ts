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

export interface PhoneLink extends Bound {
  /** When a phone was signed in by it. */
  usedAt?: number;
  /** Until when that phone is signed in, unless another page comes. */
  phoneEndsAt?: number;
  /** Of the pages and files that the phone added: a set, because an upload may be repeated. */
  addedIds?: Set<string>;
}

export interface Phone extends Bound {
  /** The id of the link that signed it in. */
  linkId: string;
  /** Beyond this it does not go on, however much it is used. */
  lastsUntil: number;
}

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
    /** Names a link without giving away its token. */
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
     * The link, used up by this; undefined when it does not exist, has expired or was used before. Its record stays until
     * `keptUntil`, to tell what its phone does.
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

    /** Notes on the link what its phone added, and until when it stays signed in. */
    async noteOnLink(linkId: string, { addedIds, phoneEndsAt }: { addedIds: string[]; phoneEndsAt: number }) {
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
