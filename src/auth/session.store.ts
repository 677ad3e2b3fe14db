// Sessions, stored under a hash of their id, so that reading the table does not give access to them. Checked on every
// read: idle time (extended by use, at most once a minute), absolute lifetime (fixed at sign-in), and the person's own
// item, read strongly in the same call. A person who was signed out everywhere or blocked has no session, whatever is
// stored.
import session, { type SessionData } from 'express-session';
import { readBatches } from '../aws/batches.ts';
import type { Documents } from '../aws/clients.ts';
import { putIf, updateIf } from '../aws/conditions.ts';
import { shareReads } from '../aws/shared-reads.ts';
import { personKey } from '../people/person.keys.ts';
import { isBlocked, toPerson } from '../people/person.ts';
import type { PersonRecord } from '../people/person-record.ts';
import { ownerKeyOf, providerSessionKey, sessionHandleOf, sessionKey } from './person-sessions.store.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  limits: { idleMs: number; maxMs: number };
  now: () => Date;
}

const touchEveryMs = 60_000;

/** Sessions of requests that no person made: they end when idle all the same. */
export const unattended = new WeakSet<object>();

interface StoredSession {
  data: string;
  /** Both in milliseconds since the epoch. */
  idleUntil: number;
  endsAt: number;
  signOuts?: number;
}

/** A session's id ends with its person's id, so that both items can be read in one call. */
const personIdIn = (sessionId: string) => sessionId.slice(sessionId.indexOf('.') + 1);

export function createSessionStore({ documents, table, limits, now }: Dependencies): session.Store {
  const keyOf = (id: string) => sessionKey(sessionHandleOf(id));

  const read = shareReads(async (id: string) => {
    const keys = [keyOf(id), personKey(personIdIn(id))];
    const items = await readBatches({ documents, table }, keys);
    return {
      stored: items.find((item) => item.sk === 'SESSION') as StoredSession | undefined,
      person: items.find((item) => item.sk === 'PERSON') as PersonRecord | undefined,
    };
  });

  async function find(id: string): Promise<SessionData | null> {
    const { stored, person } = await read(id);
    const time = now().getTime();
    if (!stored || !person || isBlocked(person)) return null;
    if (!(time < stored.idleUntil && time < stored.endsAt)) return null; // and false when either is missing
    if ((stored.signOuts ?? 0) !== (person.signOuts ?? 0)) return null;
    const data = JSON.parse(stored.data) as SessionData;
    if (data.person?.id !== person.id) return null;
    // a later sign-in may have brought other groups, which apply here too
    const { idleUntil, endsAt } = stored;
    return {
      ...data,
      person: toPerson({ ...person, groups: person.groups ?? data.person.groups }),
      idleUntil,
      endsAt,
    };
  }

  /** Stores a new session. */
  async function begin(id: string, data: SessionData) {
    const time = now().getTime();
    const endsAt = time + limits.maxMs;
    const expiresAt = Math.ceil(endsAt / 1000);
    const { person } = await read(id);
    const { provider } = data;
    if (provider?.sessionIndex) {
      // first, so that a logout that arrives meanwhile finds the session
      await documents.put({
        TableName: table,
        Item: { pk: providerSessionKey(provider), sk: sessionHandleOf(id), expiresAt },
      });
    }
    const isNew = 'attribute_not_exists(pk)'; // a session id begins once
    const isBegun = await putIf(documents, {
      TableName: table,
      Item: {
        ...keyOf(id),
        data: JSON.stringify(data),
        idleUntil: Math.min(time + limits.idleMs, endsAt),
        endsAt,
        signOuts: person?.signOuts ?? 0,
        device: data.device,
        ownerKey: ownerKeyOf(data.person.id),
        ownerSort: new Date(time).toISOString(),
        expiresAt,
      },
      ConditionExpression: isNew,
    });
    if (!isBegun) throw new Error('A session with this id already exists');
  }

  const notSignedOutMeanwhile = 'attribute_exists(pk)'; // a request in flight must not restore a session

  /** Stores changes of a session; its lifetime stays. */
  const change = (id: string, data: SessionData) =>
    updateIf(documents, {
      TableName: table,
      Key: keyOf(id),
      UpdateExpression: 'SET #data = :data',
      ConditionExpression: notSignedOutMeanwhile,
      ExpressionAttributeNames: { '#data': 'data' },
      ExpressionAttributeValues: { ':data': JSON.stringify(data) },
    });

  // express-session stores a new session again when the response ends
  const begun = new WeakMap<SessionData, string>();
  async function save(id: string, data: SessionData) {
    const content = JSON.stringify(data);
    if (begun.get(data) === content) return;
    if (data.idleUntil !== undefined || begun.has(data)) await change(id, data);
    else await begin(id, data);
    begun.set(data, content);
  }

  function isTouchDue({ idleUntil, endsAt }: SessionData): boolean {
    if (idleUntil === undefined || endsAt === undefined) return false;
    return now().getTime() + limits.idleMs - idleUntil >= Math.min(touchEveryMs, limits.idleMs / 10);
  }

  async function touch(id: string, { endsAt = 0 }: SessionData) {
    const time = now().getTime();
    const idleUntil = time + limits.idleMs;
    await updateIf(documents, {
      TableName: table,
      Key: keyOf(id),
      UpdateExpression: 'SET idleUntil = :idleUntil, usedAt = :usedAt',
      ConditionExpression: notSignedOutMeanwhile,
      ExpressionAttributeValues: {
        ':idleUntil': Math.min(idleUntil, endsAt),
        ':usedAt': new Date(time).toISOString(),
      },
    });
  }

  return new (class extends session.Store {
    get(id: string, done: (error: unknown, data?: SessionData | null) => void) {
      find(id).then((data) => done(null, data), done);
    }
    set(id: string, data: SessionData, done?: (error?: unknown) => void) {
      save(id, data).then(() => done?.(), done);
    }
    destroy(id: string, done?: (error?: unknown) => void) {
      documents.delete({ TableName: table, Key: keyOf(id) }).then(() => done?.(), done);
    }
    override touch(id: string, data: SessionData, done?: (error?: unknown) => void) {
      if (unattended.has(data) || !isTouchDue(data)) return done?.(); // synchronous, so that the response is sent in one piece
      touch(id, data).then(
        () => done?.(),
        () => done?.(), // the response does not need it; the next request tries again
      );
    }
  })();
}
