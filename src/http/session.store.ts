// Sessions in the one table, under a hash of their id, so that who reads the table cannot take one over.
// Both limits are checked on read: idle (moved on by use, at most once a minute) and absolute (fixed at sign-in).
import { createHash } from 'node:crypto';
import type { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import session, { type SessionData } from 'express-session';
import { shareReads } from '../aws/shared-reads.ts';

interface Dependencies {
  documents: DynamoDBDocument;
  table: string;
  limits: { idleMs: number; maxMs: number };
  now: () => Date;
}

const touchEveryMs = 60_000;

interface Limits {
  /** Epoch milliseconds, both. */
  idleUntil: number;
  endsAt: number;
}

type StoredSession = Limits & { data: string };

export function createSessionStore({ documents, table, limits, now }: Dependencies): session.Store {
  const keyOf = (id: string) => ({
    pk: `SESSION#${createHash('sha256').update(id).digest('base64url')}`,
    sk: 'SESSION',
  });

  const read = shareReads(async (id: string) => {
    const { Item } = await documents.get({ TableName: table, Key: keyOf(id), ConsistentRead: true });
    return Item as StoredSession | undefined;
  });

  async function find(id: string): Promise<StoredSession | undefined> {
    const stored = await read(id);
    const time = now().getTime();
    return stored && time < stored.idleUntil && time < stored.endsAt ? stored : undefined;
  }

  async function save(id: string, data: SessionData) {
    const time = now().getTime();
    const endsAt = time + limits.maxMs;
    await documents.put({
      TableName: table,
      Item: {
        ...keyOf(id),
        data: JSON.stringify(data),
        idleUntil: Math.min(time + limits.idleMs, endsAt),
        endsAt,
        ...(data.person ? { ownerKey: `SESSIONS#${data.person.id}`, ownerSort: now().toISOString() } : {}),
        expiresAt: Math.ceil(endsAt / 1000),
      },
    });
  }

  /** The limits as they were read at the beginning of the request, of the session or of its data. */
  const limitsOf = new WeakMap<object, Limits>();

  function isTouchDue(stored: Limits): boolean {
    const gained = now().getTime() + limits.idleMs - stored.idleUntil;
    return gained >= Math.min(touchEveryMs, limits.idleMs / 10);
  }

  async function touch(id: string, stored: Limits) {
    const idleUntil = now().getTime() + limits.idleMs;
    const notSignedOutMeanwhile = 'attribute_exists(pk)'; // a request under way must not bring a session back
    try {
      await documents.update({
        TableName: table,
        Key: keyOf(id),
        UpdateExpression: 'SET idleUntil = :idleUntil',
        ConditionExpression: notSignedOutMeanwhile,
        ExpressionAttributeValues: { ':idleUntil': Math.min(idleUntil, stored.endsAt) },
      });
    } catch (error) {
      if ((error as Error).name !== 'ConditionalCheckFailedException') throw error;
    }
  }

  const store = new (class extends session.Store {
    get(id: string, done: (error: unknown, data?: SessionData | null) => void) {
      find(id).then((stored) => {
        if (!stored) return done(null, null);
        const data = JSON.parse(stored.data) as SessionData;
        limitsOf.set(data, stored);
        done(null, data);
      }, done);
    }
    override createSession(request: Parameters<session.Store['createSession']>[0], data: SessionData) {
      const created = super.createSession(request, data);
      const stored = limitsOf.get(data);
      if (stored) limitsOf.set(created, stored);
      return created;
    }
    set(id: string, data: SessionData, done?: (error?: unknown) => void) {
      save(id, data).then(() => done?.(), done);
    }
    destroy(id: string, done?: (error?: unknown) => void) {
      documents.delete({ TableName: table, Key: keyOf(id) }).then(() => done?.(), done);
    }
    override touch(id: string, touched: SessionData, done?: (error?: unknown) => void) {
      const stored = limitsOf.get(touched);
      // Called back at once, the answer goes out in one piece.
      if (!stored || !isTouchDue(stored)) return done?.();
      touch(id, stored).then(
        () => done?.(),
        () => done?.(), // the answer is good without it; the next request tries again
      );
    }
  })();
  return store;
}
