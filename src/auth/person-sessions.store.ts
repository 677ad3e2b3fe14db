// A person's sessions. They are stored under a hash of their id, which is the handle here: knowing a handle does not
// give access to the session.
import { createHash } from 'node:crypto';
import type { Documents } from '../aws/clients.ts';
import { queryAll } from '../aws/query-all.ts';
import { personKey } from '../people/person.keys.ts';
import type { PersonRecord } from '../people/person-record.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  now: () => Date;
}

/** The identity provider's own session, which single logout ends. */
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

/**
 * The item that lists the sessions of one session of the provider's. Used because the indexes are eventually
 * consistent.
 */
export function providerSessionKey({ providerId, nameId, sessionIndex }: ProviderSession): string {
  const digest = createHash('sha256').update(JSON.stringify([providerId, nameId, sessionIndex]));
  return `PROVIDER-SESSION#${digest.digest('base64url')}`;
}

export function createPersonSessionStore({ documents, table, now }: Dependencies) {
  async function query(personId: string): Promise<Record<string, unknown>[]> {
    return queryAll(documents, {
      TableName: table,
      IndexName: 'byOwner',
      KeyConditionExpression: 'ownerKey = :owner',
      ExpressionAttributeValues: { ':owner': ownerKeyOf(personId) },
      ScanIndexForward: false,
    });
  }

  const remove = (handle: string) => documents.delete({ TableName: table, Key: sessionKey(handle) });
  const handleIn = (item: Record<string, unknown>) => String(item.pk).slice('SESSION#'.length);

  async function countSignOuts(personId: string): Promise<number> {
    const { Item } = await documents.get({
      TableName: table,
      Key: personKey(personId),
      ConsistentRead: true,
    });
    return (Item as PersonRecord | undefined)?.signOuts ?? 0;
  }

  return {
    /**
     * A person's valid sessions, newest first. One that began within the last second may be missing. The session that asks
     * was just checked: valid are those with its count of sign-outs.
     */
    async listOf(personId: string, ownHandle: string): Promise<ListedSession[]> {
      const items = await query(personId);
      const own = items.find((item) => handleIn(item) === ownHandle);
      const signOuts = own ? (own.signOuts ?? 0) : await countSignOuts(personId);
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

    /** Whether a session of that person is open. The caller checks the person's sign-outs. */
    async isOpen(personId: string, handle: string): Promise<boolean> {
      const { Item } = await documents.get({
        TableName: table,
        Key: sessionKey(handle),
        ConsistentRead: true,
      });
      const time = now().getTime();
      return Item?.ownerKey === ownerKeyOf(personId) && Item.idleUntil > time && Item.endsAt > time;
    },

    /** Ends one session of that person; `false` when it does not exist or is another person's. */
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

    /**
     * Deletes the listed sessions. Their invalidity rests on the person's item, which is read with strong consistency.
     */
    async endAllOf(personId: string): Promise<number> {
      const items = await query(personId);
      for (const item of items) await remove(handleIn(item));
      return items.length;
    },

    /** Ends the sessions that began with this session of the provider's. Returns how many. */
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
