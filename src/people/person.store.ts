// People as of their last sign-in, the marks that end their sessions and tokens, and the pool users that mirror them.
import type { Documents } from '../aws/clients.ts';
import { updateIf } from '../aws/conditions.ts';
import { shardKey } from '../aws/shards.ts';
import { shareReads } from '../aws/shared-reads.ts';
import { PaperliftError } from '../errors.ts';
import { listed, personKey } from './person.keys.ts';
import type { Person } from './person.ts';
import { createPersonLists } from './person-lists.ts';
import type { DirectoryState, PersonRecord, SignInFacts } from './person-record.ts';
import { createPoolUsers } from './pool-users.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  /** Whether a sign-in leaves a mark until the person is mirrored into the user pool. */
  mirrored?: boolean;
}

/** How long the mirror has after a sign-in before the sweeper repairs it. */
const mirrorTimeoutMs = 60_000;

export function createPersonStore({ documents, table, mirrored = false }: Dependencies) {
  const personExists = 'attribute_exists(pk)'; // signing out must not create a person

  const read = shareReads(async (id: string) => {
    const { Item } = await documents.get({ TableName: table, Key: personKey(id), ConsistentRead: true });
    return Item as PersonRecord | undefined;
  });

  /** Changes a known person; `false` when there is none with that id. */
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
    /** Saves a person at sign-in. Throws `person-disabled` for one whose access is blocked. */
    async save(
      { id, name, email, groups, organisationId, teams }: Person,
      signedInAt: Date,
      { issuer, signedInWith = { groups, teams } }: SignInFacts = {},
    ) {
      // no sign-in undoes what an administrator or the directory did
      const notBlocked = 'attribute_not_exists(disabledAt) AND attribute_not_exists(directoryBlockedAt)';
      const due = new Date(signedInAt.getTime() + mirrorTimeoutMs).toISOString();
      const saved = await updateIf(documents, {
        TableName: table,
        Key: personKey(id),
        UpdateExpression: `SET id = :id, #name = :name, email = :email, #groups = :groups, organisationId = :organisation, teams = :teams, signedInWith = :with${issuer ? ', issuer = :issuer' : ''}, signedInAt = :at, kindKey = :kind, kindSort = :sort, ownerKey = :names, ownerSort = :nameSort${
          mirrored ? ', mirrorWanted = :wanted, dueKey = :mirror, dueAt = :due' : ''
        }`,
        ConditionExpression: notBlocked,
        ExpressionAttributeNames: { '#name': 'name', '#groups': 'groups' },
        ExpressionAttributeValues: {
          ':id': id,
          ':name': name,
          ':email': email,
          ':groups': groups,
          ':organisation': organisationId,
          ':teams': teams,
          ...(issuer ? { ':issuer': issuer } : {}),
          ':with': signedInWith,
          ':at': signedInAt.toISOString(),
          ...listed({ id, name, email, organisationId }),
          ...(mirrored
            ? { ':wanted': JSON.stringify(groups), ':mirror': shardKey('MIRROR', id), ':due': due }
            : {}),
        },
      });
      if (!saved) throw disabled();
    },

    /** The person's current item, strongly consistent. */
    find: (id: string): Promise<PersonRecord | undefined> => read(id),

    ...createPersonLists({ documents, table }),

    /** Ends all sessions and refuses tokens issued up to now. `false` when no one has that id. */
    signOut: (id: string, at: Date) =>
      change(id, 'SET signedOutAt = :at ADD signOuts :one', { ':at': at.getTime(), ':one': 1 }),

    /** The same, and refuses sign-ins until `enable`. */
    disable: (id: string, at: Date) =>
      change(id, 'SET signedOutAt = :at, disabledAt = :iso ADD signOuts :one', {
        ':at': at.getTime(),
        ':iso': at.toISOString(),
        ':one': 1,
      }),
    enable: (id: string) => change(id, 'REMOVE disabledAt, directoryBlockedAt'),

    /** Removes all groups from a person whose company no longer assigns any, and ends all sessions and tokens. */
    async loseAccess(id: string, at: Date) {
      const changed = await updateIf(documents, {
        TableName: table,
        Key: personKey(id),
        UpdateExpression: `SET signedOutAt = :at, #groups = :none, teams = :none, signedInWith = :nothing${mirrored ? ', mirrorWanted = :wanted, dueKey = :mirror, dueAt = :due' : ''} ADD signOuts :one`,
        ConditionExpression: personExists,
        ExpressionAttributeNames: { '#groups': 'groups' },
        ExpressionAttributeValues: {
          ':at': at.getTime(),
          ':none': [],
          ':nothing': { groups: [], teams: [] },
          ':one': 1,
          ...(mirrored
            ? { ':wanted': '[]', ':mirror': shardKey('MIRROR', id), ':due': at.toISOString() }
            : {}),
        },
      });
      return changed !== undefined;
    },

    /** Makes a person what the directory says. `false`: a newer state of the directory was applied already. */
    async followDirectory(id: string, state: DirectoryState, at: Date) {
      const { userId, version, groups, teams, signedInWith, isBlocked: blocks, endsSessions } = state;
      const isNotOutdated =
        'attribute_exists(pk) AND (attribute_not_exists(directoryVersion) OR directoryUserId <> :user OR directoryVersion <= :version)';
      const changed = await updateIf(documents, {
        TableName: table,
        Key: personKey(id),
        UpdateExpression: [
          'SET teams = :teams, signedInWith = :with, directoryUserId = :user, directoryVersion = :version',
          ...(groups ? [', #groups = :groups'] : []),
          ...(blocks ? [', directoryBlockedAt = if_not_exists(directoryBlockedAt, :iso)'] : []),
          ...(endsSessions ? [', signedOutAt = :at'] : []),
          ...(mirrored && groups ? [', mirrorWanted = :wanted, dueKey = :mirror, dueAt = :due'] : []),
          ...(blocks ? [] : [' REMOVE directoryBlockedAt']),
          ...(endsSessions ? [' ADD signOuts :one'] : []),
        ].join(''),
        ConditionExpression: isNotOutdated,
        ...(groups ? { ExpressionAttributeNames: { '#groups': 'groups' } } : {}),
        ExpressionAttributeValues: {
          ...(groups ? { ':groups': groups } : {}),
          ':teams': teams,
          ':with': signedInWith,
          ':user': userId,
          ':version': version,
          ...(blocks ? { ':iso': at.toISOString() } : {}),
          ...(endsSessions ? { ':at': at.getTime(), ':one': 1 } : {}),
          ...(mirrored && groups
            ? {
                ':wanted': JSON.stringify(groups),
                ':mirror': shardKey('MIRROR', id),
                ':due': new Date(at.getTime() + mirrorTimeoutMs).toISOString(),
              }
            : {}),
        },
      });
      return changed !== undefined;
    },

    ...createPoolUsers({ documents, table }),
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
