// People as of their last sign-in, the marks that end their sessions and tokens, and the pool users that mirror them.
import type { Documents } from '../aws/clients.ts';
import { updateIf } from '../aws/conditions.ts';
import { queryShards, shardKey } from '../aws/shards.ts';
import { shareReads } from '../aws/shared-reads.ts';
import { PaperliftError } from '../errors.ts';
import { foldName } from '../text/names.ts';
import { defaultOrganisationId, keyOfOrganisation, organisationOf } from './organisation.ts';
import type { Person } from './person.ts';
import type { Team } from './team.ts';

interface KnownPerson {
  id: string;
  name: string;
  email: string;
}

/** A person's item. A missing attribute means that it has not happened yet. */
export interface PersonRecord extends KnownPerson {
  /** As of the last sign-in, as are the teams. */
  groups?: string[];
  organisationId?: string;
  teams?: Team[];
  /** The entity id of the provider of the last sign-in. */
  issuer?: string;
  signedInAt?: string;
  /** Milliseconds since the epoch. Tokens issued up to then are refused. */
  signedOutAt?: number;
  /** How often the person was signed out everywhere. A session is valid only with the count it began with. */
  signOuts?: number;
  /** Blocked by an administrator. */
  disabledAt?: string;
  /** Blocked by the company's directory. */
  directoryBlockedAt?: string;
  /** The directory's user, and its state, that the item follows. An older state changes nothing. */
  directoryUserId?: string;
  directoryVersion?: number;
  /** What the last sign-in gave, before the directory's groups were applied. */
  signedInWith?: Memberships;
  /** The groups that the user pool does not have yet, as JSON. */
  mirrorWanted?: string;
  /** The pool's user that mirrors this person. */
  poolUsername?: string;
}

/** What groups of the company give. */
export interface Memberships {
  groups: string[];
  teams: Team[];
}

/** What is known of a sign-in. */
interface SignInFacts {
  /** The identity provider's entity id. */
  issuer?: string;
  signedInWith?: Memberships;
}

/** What the directory makes of a person. */
export interface DirectoryState {
  /** `undefined` for someone who never signed in, and has none by the directory: their tokens' groups count. */
  groups: string[] | undefined;
  teams: Team[];
  userId: string;
  version: number;
  isBlocked: boolean;
  /** Whether sessions and tokens end. */
  endsSessions: boolean;
  signedInWith: Memberships;
}

interface Dependencies {
  documents: Documents;
  table: string;
  /** Whether a sign-in leaves a mark until the person is mirrored into the user pool. */
  mirrored?: boolean;
}

/** How long the mirror has after a sign-in before the sweeper repairs it. */
const mirrorTimeoutMs = 60_000;

const everybody = 'PERSON';
const pageSize = 50;
const byName = 'PEOPLE-NAMES';
const keyOfAll = (organisationId = defaultOrganisationId) => keyOfOrganisation(everybody, organisationId);
const keyOfNames = (organisationId = defaultOrganisationId) => keyOfOrganisation(byName, organisationId);

/** A person's places in the list by address and in the one by name. */
const listed = ({ id, name, email, organisationId }: KnownPerson & { organisationId?: string }) => ({
  ':kind': shardKey(keyOfAll(organisationId), id),
  ':sort': `${email.toLowerCase()} ${id}`,
  ':names': shardKey(keyOfNames(organisationId), id),
  ':nameSort': `${[...foldName(name)].slice(0, 200).join('')} ${id}`,
});

export const personKey = (id: string) => ({ pk: `PERSON#${id}`, sk: 'PERSON' });

export function createPersonStore({ documents, table, mirrored = false }: Dependencies) {
  const link = (username: string) => ({ pk: `POOL-USER#${username}`, sk: 'LINK' });
  const personExists = 'attribute_exists(pk)'; // signing out must not create a person

  const read = shareReads(async (id: string) => {
    const { Item } = await documents.get({ TableName: table, Key: personKey(id), ConsistentRead: true });
    return Item as PersonRecord | undefined;
  });

  const readLink = shareReads(async (username: string) => {
    const { Item } = await documents.get({ TableName: table, Key: link(username), ConsistentRead: true });
    return (
      Item && {
        id: String(Item.personId),
        name: String(Item.name),
        email: String(Item.email),
        organisationId: organisationOf(Item),
      }
    );
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

    /** The organisation's people whose email address begins with `mail`, sorted, at most fifty. `next` continues the list. */
    async list(organisationId: string, { mail = '', from }: { mail?: string; from?: string | undefined }) {
      const { items, isCut } = await queryShards(documents, {
        TableName: table,
        IndexName: 'byKind',
        hash: 'kindKey',
        range: 'kindSort',
        key: keyOfAll(organisationId),
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

    /** The organisation's people whose names begin so, by name. */
    async listByName(organisationId: string, start: string, limit: number): Promise<PersonRecord[]> {
      const { items } = await queryShards(documents, {
        TableName: table,
        IndexName: 'byOwner',
        hash: 'ownerKey',
        range: 'ownerSort',
        key: keyOfNames(organisationId),
        condition: 'begins_with(ownerSort, :from)',
        ExpressionAttributeValues: { ':from': foldName(start.trim()) },
        atMost: limit,
      });
      return items as unknown as PersonRecord[];
    },

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

    /** Removes the mark of a pending mirror unless the person's groups have changed since. */
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

    /** Links a pool user to the person it mirrors: a token of that user acts as this person. */
    async linkPoolUser({
      username,
      person,
    }: {
      username: string;
      person: KnownPerson & { organisationId?: string; teams?: Team[] };
    }) {
      const { id, name, email, organisationId, teams = [] } = person;
      await documents.put({
        TableName: table,
        Item: { ...link(username), personId: id, name, email, organisationId: organisationOf(person) },
      });
      // a person who only uses tokens can be signed out and blocked too
      await documents.update({
        TableName: table,
        Key: personKey(id),
        UpdateExpression:
          'SET id = if_not_exists(id, :id), #name = if_not_exists(#name, :name), email = if_not_exists(email, :email), kindKey = if_not_exists(kindKey, :kind), kindSort = if_not_exists(kindSort, :sort), ownerKey = if_not_exists(ownerKey, :names), ownerSort = if_not_exists(ownerSort, :nameSort), organisationId = if_not_exists(organisationId, :organisation), teams = if_not_exists(teams, :teams)',
        ExpressionAttributeNames: { '#name': 'name' },
        ExpressionAttributeValues: {
          ':id': id,
          ':name': name,
          ':email': email,
          ':organisation': organisationOf(person),
          ':teams': teams,
          ...listed({ id, name, email, organisationId }),
        },
      });
    },

    findByPoolUser: (username: string): Promise<(KnownPerson & { organisationId: string }) | undefined> =>
      readLink(username),
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
