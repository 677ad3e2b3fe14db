// Whose sessions there are. They lie in the one table under a hash of their id, which names them here: who knows a
// handle cannot take the session over.
import { createHash } from 'node:crypto';
import type { Documents } from '../aws/clients.ts';
import { type PersonRecord, personKey } from '../people/person.store.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  now: () => Date;
}

/** How the identity provider names a session of its own: what single logout ends. */
export interface ProviderSession {
  providerId: string;
  nameId: string;
  nameIdFormat?: string | undefined;
  sessionIndex?: string | undefined;
}

export interface ListedSession {
  handle: string;
  startedAt: string;
  lastUsedAt: string;
  /** "Firefox on Windows". */
  device: string;
}

export const sessionHandleOf = (sessionId: string) =>
  createHash('sha256').update(sessionId).digest('base64url');
export const sessionKey = (handle: string) => ({ pk: `SESSION#${handle}`, sk: 'SESSION' });
export const ownerKeyOf = (personId: string) => `SESSIONS#${personId}`;

/** Where the sessions of one session of the provider's are found at once: the indexes are eventually consistent. */
export function providerSessionKey({ providerId, nameId, sessionIndex }: ProviderSession): string {
  const digest = createHash('sha256').update(JSON.stringify([providerId, nameId, sessionIndex]));
  return `PROVIDER-SESSION#${digest.digest('base64url')}`;
}

export function createPersonSessionStore({ documents, table, now }: Dependencies) {
  async function query(personId: string): Promise<Record<string, unknown>[]> {
    const found: Record<string, unknown>[] = [];
    let start: Record<string, unknown> | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await documents.query({
        TableName: table,
        IndexName: 'byOwner',
        KeyConditionExpression: 'ownerKey = :owner',
        ExpressionAttributeValues: { ':owner': ownerKeyOf(personId) },
        ScanIndexForward: false,
        ...(start ? { ExclusiveStartKey: start } : {}),
      });
      found.push(...Items);
      start = LastEvaluatedKey;
    } while (start);
    return found;
  }

  const remove = (handle: string) => documents.delete({ TableName: table, Key: sessionKey(handle) });
  const handleIn = (item: Record<string, unknown>) => String(item.pk).slice('SESSION#'.length);

  return {
    /** The sessions that a person could go on with, newest first. A session of this second may be missing. */
    async listOf(personId: string): Promise<ListedSession[]> {
      const [items, person] = await Promise.all([
        query(personId),
        documents.get({ TableName: table, Key: personKey(personId), ConsistentRead: true }),
      ]);
      const signOuts = (person.Item as PersonRecord | undefined)?.signOuts ?? 0;
      const time = now().getTime();
      return items
        .filter(
          (item) =>
            Number(item.idleUntil) > time && Number(item.endsAt) > time && (item.signOuts ?? 0) === signOuts,
        )
        .map((item) => ({
          handle: handleIn(item),
          startedAt: String(item.ownerSort),
          lastUsedAt: String(item.usedAt ?? item.ownerSort),
          device: String(item.device ?? ''),
        }));
    },

    /** Whether a session of that person's has not ended. Its person's sign-outs are checked by the caller. */
    async isOpen(personId: string, handle: string): Promise<boolean> {
      const { Item } = await documents.get({
        TableName: table,
        Key: sessionKey(handle),
        ConsistentRead: true,
      });
      const time = now().getTime();
      return Item?.ownerKey === ownerKeyOf(personId) && Item.idleUntil > time && Item.endsAt > time;
    },

    /** Ends one session of that person's; `false` when it is nobody's or somebody else's. */
    async endOf(personId: string, handle: string): Promise<boolean> {
      const { Item } = await documents.get({
        TableName: table,
        Key: sessionKey(handle),
        ConsistentRead: true,
      });
      if (Item?.ownerKey !== ownerKeyOf(personId)) return false; // a session never changes its owner
      await remove(handle);
      return true;
    },

    /** Removes what is listed. That none counts any more rests on the person's item, which is read strongly. */
    async endAllOf(personId: string): Promise<number> {
      const items = await query(personId);
      for (const item of items) await remove(handleIn(item));
      return items.length;
    },

    /** Ends what was begun by this session of the provider's. Returns how many. */
    async endOfProvider(session: ProviderSession): Promise<number> {
      const { Items = [] } = await documents.query({
        TableName: table,
        KeyConditionExpression: 'pk = :key',
        ExpressionAttributeValues: { ':key': providerSessionKey(session) },
        ConsistentRead: true,
      });
      for (const item of Items) await remove(String(item.sk));
      return Items.length;
    },
  };
}

export type PersonSessionStore = ReturnType<typeof createPersonSessionStore>;
