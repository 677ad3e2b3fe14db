// What the directory says takes effect here: on people's access, groups and teams, at once and at their next sign-in.
import pMap from 'p-map';
import type { AuditEvent, AuditService } from '../../audit/audit.service.ts';
import type { SamlProvider } from '../../config/provider.config.ts';
import { mapGroups } from '../../people/groups.ts';
import { organisationOf } from '../../people/organisation.ts';
import type { PersonStore } from '../../people/person.store.ts';
import { isBlocked, type Person, toPerson } from '../../people/person.ts';
import type { Memberships, PersonRecord } from '../../people/person-record.ts';
import type { Policies } from '../../people/policies.ts';
import type { TeamStore } from '../../people/team.store.ts';
import { teamIdOf } from '../../people/team.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { PersonSessionStore } from '../person-sessions.store.ts';
import type { PoolMirror } from '../pool-mirror.ts';
import type { DirectoryStore } from './directory.store.ts';
import { type DirectoryGroup, type DirectoryUser, mailsOf } from './directory-user.ts';
import { describeMemberships, noMemberships, uniqueTeams, without } from './memberships.ts';

interface Dependencies {
  directory: DirectoryStore;
  people: Pick<PersonStore, 'find' | 'list' | 'followDirectory'>;
  teams: Pick<TeamStore, 'save'>;
  personSessions: Pick<PersonSessionStore, 'endAllOf'>;
  poolMirror: Pick<PoolMirror, 'signOut' | 'mirror'> | undefined;
  providers: SamlProvider[];
  policies: Pick<Policies, 'maySignIn'>;
  audit: Pick<AuditService, 'recordChange'>;
  logger: Logger;
  now: () => Date;
}

/** Users are settled side by side, this many at once. */
const atOnce = 8;

/** Who acts in the trails. */
export const directoryActor = (organisationId: string): Person => ({
  id: `directory-${organisationId}`,
  name: 'Directory',
  email: '',
  groups: [],
  organisationId,
  teams: [],
});

export function createDirectoryService(dependencies: Dependencies) {
  const { directory, people, teams, personSessions, poolMirror, providers, policies, audit, logger, now } =
    dependencies;

  /** The Paperlift groups and teams that the organisation's table makes of company groups. */
  function mapDirectoryGroups(organisationId: string, groups: DirectoryGroup[]): Memberships {
    const rules = providers
      .filter((provider) => provider.organisationId === organisationId)
      .flatMap(({ groupTable }) => groupTable);
    const names = groups.flatMap(({ displayName, externalId }) => [
      displayName,
      ...(externalId ? [externalId] : []),
    ]);
    const mapped = mapGroups(names, rules);
    return {
      groups: mapped.groups,
      teams: mapped.teams.map((name) => ({ id: teamIdOf(organisationId, name), name })),
    };
  }

  /**
   * What someone has who signed in with these groups: about each role and team, the directory decides once it has put them
   * into a company group that gives it, or taken them out; about the others, their sign-in.
   */
  async function merge(
    organisationId: string,
    userId: string,
    signedInWith: Memberships,
  ): Promise<Memberships> {
    const { memberships } = await directory.readRelations(userId);
    const groups = await directory.readGroups(
      organisationId,
      memberships.map(({ groupId }) => groupId),
    );
    const inIds = new Set(memberships.filter(({ isIn }) => isIn).map(({ groupId }) => groupId));
    const live = groups.filter(({ deletedAt }) => !deletedAt);
    const decided = mapDirectoryGroups(organisationId, live);
    const given = mapDirectoryGroups(
      organisationId,
      live.filter(({ id }) => inIds.has(id)),
    );
    const rest = without(signedInWith, decided);
    return {
      groups: [...new Set([...given.groups, ...rest.groups])].sort(),
      teams: uniqueTeams([...given.teams, ...rest.teams]),
    };
  }

  /** The sessions are invalid already. The rest cleans up and may fail safely. */
  async function cleanUp(person: Person, { ends, regroups }: { ends: boolean; regroups: boolean }) {
    const warn = (what: string) => (error: unknown) => logger.warn({ err: error, personId: person.id }, what);
    if (regroups) await teams.save(person.organisationId, person.teams);
    if (ends) {
      await personSessions.endAllOf(person.id).catch(warn('could not remove ended sessions'));
      await poolMirror?.signOut(person.id);
    }
    if (regroups)
      await poolMirror?.mirror(person).catch(warn('could not mirror the person into the user pool'));
  }

  /** `lost`: what a company group gave that is gone. No sign-in before has it any more. */
  async function settlePerson(user: DirectoryUser, personId: string, lost: Memberships) {
    const { id: userId, organisationId, version } = user;
    const record = await people.find(personId);
    if (!record || organisationOf(record) !== organisationId) return;
    const before = toPerson(record);
    const signedInWith = without(record.signedInWith ?? { groups: before.groups, teams: before.teams }, lost);
    const merged = await merge(organisationId, userId, signedInWith);
    const after: Person = { ...before, ...merged };
    const blocks = !user.active;
    const regroups = describeMemberships(before) !== describeMemberships(after);
    const ends = (blocks && !isBlocked(record)) || (policies.maySignIn(before) && !policies.maySignIn(after));
    const event = {
      actor: directoryActor(organisationId),
      personId,
      detail: `${record.name} (${record.email})`,
    };
    const events: AuditEvent[] = [
      ...(blocks && !record.directoryBlockedAt ? [{ ...event, action: 'person.disabled' as const }] : []),
      ...(!blocks && record.directoryBlockedAt ? [{ ...event, action: 'person.enabled' as const }] : []),
      ...(regroups
        ? [
            {
              ...event,
              action: 'person.regrouped' as const,
              detail: `${describeMemberships(before)} → ${describeMemberships(after)}`,
            },
          ]
        : []),
    ];
    const groups = record.groups === undefined && merged.groups.length === 0 ? undefined : merged.groups;
    const state = {
      groups,
      teams: merged.teams,
      userId,
      version,
      isBlocked: blocks,
      endsSessions: ends,
      signedInWith,
    };
    let isCurrent = false;
    const write = async () => {
      isCurrent = await people.followDirectory(personId, state, now());
    };
    // each entry is written before the change
    await events.reduce<() => Promise<void>>((inner, each) => () => audit.recordChange(each, inner), write)();
    if (!isCurrent) return; // a newer change was applied meanwhile
    if (events.length > 0)
      logger.info(
        { personId, userId, changes: events.map(({ action }) => action) },
        'person follows the directory',
      );
    await cleanUp(after, { ends, regroups });
  }

  /** Applies a user's state to the people whom they are. May be repeated. */
  async function settle(organisationId: string, userId: string, lost: Memberships = noMemberships) {
    const user = await directory.findUser(organisationId, userId); // before what belongs to it, which is then as new
    if (!user) return;
    const { personIds } = await directory.readRelations(userId);
    for (const personId of personIds) await settlePerson(user, personId, lost);
  }

  return {
    settle,
    settleAll: (organisationId: string, userIds: string[], lost: Memberships = noMemberships) =>
      pMap(userIds, (userId) => settle(organisationId, userId, lost), { concurrency: atOnce }),
    mapDirectoryGroups,

    /** Finds the people of the organisation who have one of the user's addresses, and remembers them. */
    async linkPeople(user: DirectoryUser) {
      for (const mail of mailsOf(user)) {
        const { items } = await people.list(user.organisationId, { mail });
        for (const { id, email } of items)
          if (email.trim().toLowerCase() === mail) await directory.link(user.id, id);
      }
    },

    /** Whether the directory says at present that this person has no access. */
    async isInactive({
      organisationId,
      email,
    }: Pick<PersonRecord, 'organisationId' | 'email'>): Promise<boolean> {
      const users = await directory.findByMail(organisationOf({ organisationId }), email);
      return users.length > 0 && !users.some(({ active }) => active);
    },

    /**
     * Someone who signs in, as the directory knows them; `undefined` when it does not. They are linked before their state is
     * read, so that a change that comes at the same time finds them.
     */
    async admit(person: Person): Promise<({ userId: string; isActive: boolean } & Memberships) | undefined> {
      const { organisationId } = person;
      const found = await directory.findByMail(organisationId, person.email);
      const { id: userId } = found.find(({ active }) => active) ?? found[0] ?? {};
      if (!userId) return undefined;
      await directory.link(userId, person.id);
      await settle(organisationId, userId);
      const isActive = (await directory.findUser(organisationId, userId))?.active ?? false;
      const { groups, teams } = await merge(organisationId, userId, person);
      return { userId, isActive, groups, teams };
    },
  };
}

export type DirectoryService = ReturnType<typeof createDirectoryService>;
