// SCIM's use cases: users and groups of one organisation's directory, each with its effect on people.
import pMap from 'p-map';
import { ulid as makeUlid } from 'ulid';
import type { Logger } from '../../runtime/logger.ts';
import type { DirectoryService } from './directory.service.ts';
import type { DirectoryStore } from './directory.store.ts';
import {
  type DirectoryGroup,
  type DirectoryUser,
  type GroupFields,
  type Membership,
  mailsOf,
  type UserFields,
} from './directory-user.ts';
import { ScimError } from './scim-error.ts';
import { readGroupFields, readUserFields } from './scim-fields.ts';
import type { Filter } from './scim-filter.ts';
import { type MemberStep, type Operation, patchGroup, patchUser } from './scim-patch.ts';
import { notFound, taken, unknownFilter } from './scim-refusals.ts';

interface Dependencies {
  store: DirectoryStore;
  directory: Pick<DirectoryService, 'settle' | 'settleAll' | 'linkPeople' | 'mapDirectoryGroups'>;
  logger: Logger;
  now: () => Date;
}

export interface Page {
  /** From 1. */
  startIndex: number;
  count: number;
}

export interface Listed<Item> {
  items: Item[];
  total: number;
}

const maxAttempts = 4;
const membersAtOnce = 8;

export function createScimService({ store, directory, logger, now }: Dependencies) {
  const time = () => now().toISOString();
  const newId = () => makeUlid(now().getTime());

  async function getUser(organisationId: string, id: string): Promise<DirectoryUser> {
    const user = await store.findUser(organisationId, id);
    if (!user || user.deletedAt) throw notFound('user', id);
    return user;
  }

  async function getGroup(organisationId: string, id: string): Promise<DirectoryGroup> {
    const group = await store.findGroup(organisationId, id);
    if (!group || group.deletedAt) throw notFound('group', id);
    return group;
  }

  /** Reads a user, changes them, and writes them unless someone else did meanwhile. */
  async function changeUser(organisationId: string, id: string, change: (user: DirectoryUser) => UserFields) {
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const before = await getUser(organisationId, id);
      const { userName, externalId, displayName, name, emails, active } = change(before);
      const fields = { userName, externalId, displayName, name, emails, active }; // what is not given is gone
      const after: DirectoryUser = { ...before, ...fields, changedAt: time() };
      const outcome = await store.changeUser(before, after);
      if (outcome === 'name-taken') throw taken(after.userName);
      if (outcome === 'outdated') continue;
      if (mailsOf(before).join() !== mailsOf(after).join()) await directory.linkPeople(after);
      await directory.settle(organisationId, id);
      if (before.active !== after.active)
        logger.info({ organisationId, userId: id, active: after.active }, 'directory user changed');
      return getUser(organisationId, id);
    }
    throw new ScimError(503, 'The user is being changed by other requests. Try again.');
  }

  /** Which of these users exist. */
  async function knownOf(organisationId: string, ids: string[]): Promise<Set<string>> {
    const found = await store.readUsers(organisationId, ids);
    return new Set(live(found).map(({ id }) => id));
  }

  /** Those that do not exist cannot be put into a group. */
  function assertKnown(ids: string[], known: Set<string>) {
    const missing = ids.find((id) => !known.has(id));
    if (missing !== undefined)
      throw new ScimError(400, `There is no user with the id ${missing.slice(0, 50)}.`, 'invalidValue');
  }

  /** Stores where everyone ends up after these steps. What is named is written in any case, so that a retry repairs it. */
  async function changeMembers({ id: groupId, organisationId }: DirectoryGroup, steps: MemberStep[]) {
    const wanted = new Map<string, boolean>();
    const present = steps.some((step) => step.do === 'set') ? await store.membersOf(groupId) : [];
    for (const step of steps) {
      if (step.do === 'set') {
        const all = [...present.filter(({ isIn }) => isIn).map(({ userId }) => userId), ...wanted.keys()];
        for (const userId of all) wanted.set(userId, false);
      }
      for (const userId of step.ids) wanted.set(userId, step.do !== 'remove');
    }
    const known = await knownOf(organisationId, [...wanted.keys()]);
    assertKnown(
      [...wanted.keys()].filter((userId) => wanted.get(userId)),
      known,
    );
    const changes: Membership[] = [...wanted]
      .filter(([userId]) => known.has(userId))
      .map(([userId, isIn]) => ({ userId, groupId, isIn }));
    await pMap(changes, (change) => store.setMembership(organisationId, change), {
      concurrency: membersAtOnce,
    });
    await directory.settleAll(
      organisationId,
      changes.map(({ userId }) => userId),
    );
  }

  async function pageOf<Item>(
    { startIndex, count }: Page,
    ids: string[],
    read: (ids: string[]) => Promise<(Item & { id: string })[]>,
  ): Promise<Listed<Item>> {
    const found = await read(ids.slice(startIndex - 1, startIndex - 1 + count));
    return { items: found.sort((one, other) => (one.id < other.id ? -1 : 1)), total: ids.length };
  }

  const cut = <Item>(items: Item[], { startIndex, count }: Page): Listed<Item> => ({
    items: items.slice(startIndex - 1, startIndex - 1 + count),
    total: items.length,
  });

  const live = <Item extends { deletedAt?: string }>(items: Item[]) =>
    items.filter(({ deletedAt }) => !deletedAt);

  async function readAllGroups(organisationId: string): Promise<DirectoryGroup[]> {
    const groups = await store.readGroups(organisationId, await store.listIds('GROUPS', organisationId));
    return live(groups).sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  return {
    getUser,
    getGroup,
    readAllGroups,
    countUsers: async (organisationId: string) => (await store.listIds('USERS', organisationId)).length,

    async listUsers(organisationId: string, page: Page, filters?: Filter[]): Promise<Listed<DirectoryUser>> {
      if (!filters)
        return pageOf(page, await store.listIds('USERS', organisationId), async (ids) =>
          live(await store.readUsers(organisationId, ids)),
        );
      const [filter] = filters as [Filter];
      const value = filter.value.slice(0, 320);
      if (filters.length > 1) throw unknownFilter();
      if (filter.attribute === 'username')
        return cut(await store.findByUserName(organisationId, value), page);
      if (filter.attribute === 'externalid')
        return cut(await store.findByExternalId(organisationId, value), page);
      if (filter.attribute === 'id') return cut(live(await store.readUsers(organisationId, [value])), page);
      if (/^emails(?:\[type eq "\w+"\])?(?:\.value)?$/.test(filter.attribute)) {
        const found = await store.findByMail(organisationId, value);
        const mail = value.trim().toLowerCase();
        return cut(
          found.filter(({ emails }) => emails.some((email) => email.value.toLowerCase() === mail)),
          page,
        );
      }
      throw unknownFilter();
    },

    async createUser(organisationId: string, body: unknown): Promise<DirectoryUser> {
      const fields = readUserFields(body);
      const at = time();
      const user: DirectoryUser = {
        ...fields,
        id: newId(),
        organisationId,
        version: 1,
        createdAt: at,
        changedAt: at,
      };
      if (!(await store.createUser(user))) throw taken(user.userName);
      logger.info({ organisationId, userId: user.id, active: user.active }, 'directory user created');
      await directory.linkPeople(user);
      await directory.settle(organisationId, user.id);
      return user;
    },

    replaceUser(organisationId: string, id: string, body: unknown): Promise<DirectoryUser> {
      const fields = readUserFields(body);
      return changeUser(organisationId, id, () => fields);
    },

    patchUser: (organisationId: string, id: string, operations: Operation[]): Promise<DirectoryUser> =>
      changeUser(organisationId, id, (user) => readUserFields(patchUser(user, operations))),

    /** Blocks the access of whom the user is, then forgets the user. Carries on where a request before was cut short. */
    async deleteUser(organisationId: string, id: string) {
      const user = await store.findUser(organisationId, id);
      if (!user) throw notFound('user', id);
      await store.markDeleted(user, now());
      await directory.linkPeople(user);
      await directory.settle(organisationId, id);
      await store.removeUser(user);
      logger.info({ organisationId, userId: id }, 'directory user deleted');
    },

    async listGroups(
      organisationId: string,
      page: Page,
      filters?: Filter[],
    ): Promise<Listed<DirectoryGroup>> {
      let groups = await readAllGroups(organisationId);
      for (const { attribute, value } of filters ?? []) {
        if (attribute === 'displayname')
          groups = groups.filter(({ displayName }) => displayName.toLowerCase() === value.toLowerCase());
        else if (attribute === 'externalid') groups = groups.filter(({ externalId }) => externalId === value);
        else if (attribute === 'id') groups = groups.filter(({ id }) => id === value);
        else if (attribute === 'members' || attribute === 'members.value') {
          const { memberships } = await store.readRelations(value.slice(0, 100));
          const ids = new Set(memberships.filter(({ isIn }) => isIn).map(({ groupId }) => groupId));
          groups = groups.filter(({ id }) => ids.has(id));
        } else throw unknownFilter();
      }
      return cut(groups, page);
    },

    membersOf: async (groupId: string): Promise<string[]> =>
      (await store.membersOf(groupId)).filter(({ isIn }) => isIn).map(({ userId }) => userId),

    async createGroup(organisationId: string, body: unknown): Promise<DirectoryGroup> {
      const { memberIds, ...fields } = readGroupFields(body);
      const at = time();
      const group: DirectoryGroup = { ...fields, id: newId(), organisationId, createdAt: at, changedAt: at };
      assertKnown(memberIds, await knownOf(organisationId, memberIds));
      await store.putGroup(group);
      await changeMembers(group, [{ do: 'add', ids: memberIds }]);
      return group;
    },

    async replaceGroup(organisationId: string, id: string, body: unknown): Promise<DirectoryGroup> {
      const { memberIds, ...fields } = readGroupFields(body);
      return changeGroup(await getGroup(organisationId, id), fields, [{ do: 'set', ids: memberIds }]);
    },

    async patchGroup(organisationId: string, id: string, operations: Operation[]): Promise<DirectoryGroup> {
      const group = await getGroup(organisationId, id);
      const { fields, members } = patchGroup(group, operations);
      const { memberIds: _, ...checked } = readGroupFields(fields);
      return changeGroup(group, checked, members);
    },

    /** What the group gave is lost, whichever way people got it; their next sign-in decides anew. */
    async deleteGroup(organisationId: string, id: string) {
      const group = await store.findGroup(organisationId, id);
      if (!group) throw notFound('group', id);
      await store.putGroup({ ...group, deletedAt: time() });
      const members = await store.membersOf(id);
      const lost = directory.mapDirectoryGroups(organisationId, [group]);
      const wereIn = members.filter(({ isIn }) => isIn).map(({ userId }) => userId);
      await pMap(members, ({ userId }) => store.countChange(organisationId, userId), {
        concurrency: membersAtOnce,
      });
      await directory.settleAll(organisationId, wereIn, lost);
      await pMap(members, (member) => store.forgetMembership(organisationId, member), {
        concurrency: membersAtOnce,
      });
      await store.removeGroup(group);
      logger.info({ organisationId, groupId: id }, 'directory group deleted');
    },
  };

  async function changeGroup(before: DirectoryGroup, fields: GroupFields, members: MemberStep[]) {
    const { displayName, externalId } = fields;
    const after: DirectoryGroup = { ...before, displayName, externalId, changedAt: time() };
    const { organisationId, id } = after;
    const isRenamed = before.displayName !== after.displayName || before.externalId !== after.externalId;
    await store.putGroup(after);
    await changeMembers(after, members);
    if (isRenamed) {
      // the table may make something else of the new name
      const userIds = (await store.membersOf(id)).map(({ userId }) => userId);
      await pMap(userIds, (userId) => store.countChange(organisationId, userId), {
        concurrency: membersAtOnce,
      });
      await directory.settleAll(organisationId, userIds);
    }
    return after;
  }
}

export type ScimService = ReturnType<typeof createScimService>;
