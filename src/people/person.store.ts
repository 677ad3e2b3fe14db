// People as they were at their last sign-in, what ends their sessions and tokens, and whose mirror a pool's user is.
import type { Documents } from '../aws/clients.ts';
import { updateIf } from '../aws/conditions.ts';
import { queryShards, shardKey } from '../aws/shards.ts';
import { shareReads } from '../aws/shared-reads.ts';
import { PaperliftError } from '../errors.ts';
import type { Person } from './person.ts';

interface KnownPerson {
  id: string;
  name: string;
  email: string;
}

/** The person's item. What is missing has not happened yet. */
export interface PersonRecord extends KnownPerson {
  /** As of the last sign-in. */
  groups?: string[];
  signedInAt?: string;
  /** Milliseconds since the epoch: tokens issued up to then are refused. */
  signedOutAt?: number;
  /** How often this person was signed out everywhere: a session counts only with the number that it began with. */
  signOuts?: number;
  disabledAt?: string;
  /** The groups that the user pool does not say yet, as JSON. */
  mirrorWanted?: string;
  /** The pool's user that mirrors this person. */
  poolUsername?: string;
}

interface Dependencies {
  documents: Documents;
  table: string;
  /** Whether a sign-in leaves a mark that lasts until the person is mirrored into the user pool. */
  mirrored?: boolean;
}

/** After a sign-in the mirror has this long before the sweeper repairs it. */
const mirrorPatienceMs = 60_000;

const everybody = 'PERSON';
const pageSize = 50;
const listed = ({ id, email }: { id: string; email: string }) => ({
  ':kind': shardKey(everybody, id),
  ':sort': `${email.toLowerCase()} ${id}`,
});

export const personKey = (id: string) => ({ pk: `PERSON#${id}`, sk: 'PERSON' });

export function createPersonStore({ documents, table, mirrored = false }: Dependencies) {
  const link = (username: string) => ({ pk: `POOL-USER#${username}`, sk: 'LINK' });
  const personExists = 'attribute_exists(pk)'; // nobody is made by being signed out

  const read = shareReads(async (id: string) => {
    const { Item } = await documents.get({ TableName: table, Key: personKey(id), ConsistentRead: true });
    return Item as PersonRecord | undefined;
  });

  const readLink = shareReads(async (username: string) => {
    const { Item } = await documents.get({ TableName: table, Key: link(username), ConsistentRead: true });
    return Item && { id: String(Item.personId), name: String(Item.name), email: String(Item.email) };
  });

  /** Changes somebody who is known; `false` when nobody is. */
  async function change(id: string, expression: string, values?: Record<string, unknown>) {
    const changed = await updateIf(documents, {
      TableName: table,
      Key: personKey(id),
      UpdateExpression: expression,
      ConditionExpression: personExists,
      ...(values ? { ExpressionAttributeValues: values } : {}),
    });
    return changed !== undefined;
  }

  return {
    /** Keeps who signed in. Throws `person-disabled` for somebody whom an administrator keeps out. */
    async save({ id, name, email, groups }: Person, signedInAt: Date) {
      const notKeptOut = 'attribute_not_exists(disabledAt)'; // no sign-in undoes what an administrator did
      const due = new Date(signedInAt.getTime() + mirrorPatienceMs).toISOString();
      const saved = await updateIf(documents, {
        TableName: table,
        Key: personKey(id),
        UpdateExpression: `SET id = :id, #name = :name, email = :email, #groups = :groups, signedInAt = :at, kindKey = :kind, kindSort = :sort${
          mirrored ? ', mirrorWanted = :wanted, dueKey = :mirror, dueAt = :due' : ''
        }`,
        ConditionExpression: notKeptOut,
        ExpressionAttributeNames: { '#name': 'name', '#groups': 'groups' },
        ExpressionAttributeValues: {
          ':id': id,
          ':name': name,
          ':email': email,
          ':groups': groups,
          ':at': signedInAt.toISOString(),
          ...listed({ id, email }),
          ...(mirrored
            ? { ':wanted': JSON.stringify(groups), ':mirror': shardKey('MIRROR', id), ':due': due }
            : {}),
        },
      });
      if (!saved) throw disabled();
    },

    /** The person as of now, read strongly. */
    find: (id: string): Promise<PersonRecord | undefined> => read(id),

    /** Everybody whose address begins so, in its order, at most fifty; `next` goes on from there. */
    async list({ mail = '', from }: { mail?: string; from?: string | undefined }) {
      const { items, isCut } = await queryShards(documents, {
        TableName: table,
        IndexName: 'byKind',
        hash: 'kindKey',
        range: 'kindSort',
        key: everybody,
        condition: 'kindSort BETWEEN :from AND :to',
        ExpressionAttributeValues: {
          ':from': from ? `${from}\u0000` : mail.toLowerCase(),
          ':to': `${mail.toLowerCase()}\uffff`,
        },
        atMost: pageSize,
      });
      return {
        items: items as unknown as PersonRecord[],
        next: isCut ? String(items.at(-1)?.kindSort) : undefined,
      };
    },

    /** Ends all sessions and refuses tokens issued up to now. `false` when nobody has that id. */
    signOut: (id: string, at: Date) =>
      change(id, 'SET signedOutAt = :at ADD signOuts :one', { ':at': at.getTime(), ':one': 1 }),

    /** The same, and no sign-in is accepted until `enable`. */
    disable: (id: string, at: Date) =>
      change(id, 'SET signedOutAt = :at, disabledAt = :iso ADD signOuts :one', {
        ':at': at.getTime(),
        ':iso': at.toISOString(),
        ':one': 1,
      }),
    enable: (id: string) => change(id, 'REMOVE disabledAt'),

    /** Takes every group from somebody whose company gives none any more, and ends all sessions and tokens. */
    async loseAccess(id: string, at: Date) {
      const changed = await updateIf(documents, {
        TableName: table,
        Key: personKey(id),
        UpdateExpression: `SET signedOutAt = :at, #groups = :none${mirrored ? ', mirrorWanted = :wanted, dueKey = :mirror, dueAt = :due' : ''} ADD signOuts :one`,
        ConditionExpression: personExists,
        ExpressionAttributeNames: { '#groups': 'groups' },
        ExpressionAttributeValues: {
          ':at': at.getTime(),
          ':none': [],
          ':one': 1,
          ...(mirrored
            ? { ':wanted': '[]', ':mirror': shardKey('MIRROR', id), ':due': at.toISOString() }
            : {}),
        },
      });
      return changed !== undefined;
    },

    /** Takes the mark of a mirror to do away, unless the person's groups became others meanwhile. */
    async markMirrored(id: string, groups: string[], poolUsername: string) {
      const stillTheSame = 'mirrorWanted = :groups'; // a sign-in under way may have changed them: its mark stays
      await updateIf(documents, {
        TableName: table,
        Key: personKey(id),
        UpdateExpression: 'SET poolUsername = :username REMOVE mirrorWanted, dueKey, dueAt',
        ConditionExpression: stillTheSame,
        ExpressionAttributeValues: { ':groups': JSON.stringify(groups), ':username': poolUsername },
      });
    },

    /** Says whose mirror a user of the pool is: whoever holds that user's token acts as this person. */
    async linkPoolUser({ username, person }: { username: string; person: KnownPerson }) {
      const { id, name, email } = person;
      await documents.put({
        TableName: table,
        Item: { ...link(username), personId: id, name, email },
      });
      // somebody who only ever came with a token can be signed out and kept out too
      await documents.update({
        TableName: table,
        Key: personKey(id),
        UpdateExpression:
          'SET id = if_not_exists(id, :id), #name = if_not_exists(#name, :name), email = if_not_exists(email, :email), kindKey = if_not_exists(kindKey, :kind), kindSort = if_not_exists(kindSort, :sort)',
        ExpressionAttributeNames: { '#name': 'name' },
        ExpressionAttributeValues: { ':id': id, ':name': name, ':email': email, ...listed({ id, email }) },
      });
    },

    findByPoolUser: (username: string): Promise<KnownPerson | undefined> => readLink(username),
  };
}

export type PersonStore = ReturnType<typeof createPersonStore>;

function disabled() {
  return new PaperliftError('forbidden', {
    code: 'person-disabled',
    message: 'An administrator has blocked your access to Paperlift.',
    hint: 'Ask your IT service desk.',
  });
}
