// Hands over all that a person has who left the company. It may take longer than a request: the sweeper goes on with it.
import type { AuditService } from '../audit/audit.service.ts';
import { PaperliftError } from '../errors.ts';
import { organisationOf } from '../people/organisation.ts';
import type { PersonStore } from '../people/person.store.ts';
import type { Person } from '../people/person.ts';
import type { Policies } from '../people/policies.ts';
import { samePerson, underWay } from './leaving.errors.ts';
import type { Leaving, LeavingStore } from './leaving.store.ts';
import type { ProjectStore } from './project.store.ts';
import type { ListedWhose } from './project-list-places.ts';
import type { SharingService } from './sharing.service.ts';

interface Dependencies {
  leavings: LeavingStore;
  projects: Pick<ProjectStore, 'list' | 'removeMember'>;
  sharing: Pick<SharingService, 'findGrantee' | 'findGrantees' | 'giveTo' | 'finishHandOver'>;
  people: Pick<PersonStore, 'find'>;
  policies: Policies;
  audit: Pick<AuditService, 'recordChange'>;
  now: () => Date;
}

/** How long a request works on it, and how long a sweep does. */
const stepMs = 5000;
const sweptMs = 20_000;
const listedAtOnce = 25;
/** Projects beyond this number are not counted for the preview. */
const maxCounted = 100;

export function createLeavingService(dependencies: Dependencies) {
  const { leavings, projects, sharing, people, policies, audit, now } = dependencies;

  async function findLeaver(actor: Person, personId: string) {
    if (!policies.may(actor, 'people.replace'))
      throw new PaperliftError('forbidden', {
        code: 'not-an-administrator',
        message: 'Only administrators can do this.',
        hint: 'Ask an administrator.',
      });
    const person = personId.length < 100 ? await people.find(personId) : undefined;
    if (!person || organisationOf(person) !== actor.organisationId)
      throw new PaperliftError('not-found', {
        code: 'person-not-found',
        message: 'This person doesn’t exist.',
        hint: 'Check the address.',
      });
    return person;
  }

  const listOf = (whose: ListedWhose, cursor?: string) =>
    projects.list({ whose, order: 'newest', limit: listedAtOnce, ...(cursor ? { cursor } : {}) });

  /** Does something with every project of a list until time is up. `false`: there is more. */
  async function forEach(
    whose: ListedWhose,
    until: number,
    act: (project: Awaited<ReturnType<typeof listOf>>['items'][number]['project']) => Promise<void>,
  ): Promise<boolean> {
    let cursor: string | undefined;
    do {
      const list = await listOf(whose, cursor);
      for (const { project } of list.items) {
        await act(project);
        if (now().getTime() >= until) return false;
      }
      cursor = list.cursor;
    } while (cursor);
    return true;
  }

  /** Goes on with a hand-over. May be repeated, and done by several processes at once. */
  async function step({ personId, to, by, organisationId }: Leaving, ms: number) {
    const until = now().getTime() + ms;
    const actor: Person = { ...by, groups: [], organisationId, teams: [] };
    const isAllGiven = await forEach({ ownedBy: [personId] }, until, async (project) => {
      if (project.ownerId !== personId) return; // the index is older than the project
      await sharing.giveTo(actor, project, to);
      await sharing.finishHandOver(project.id);
      await leavings.count(personId, { projects: 1 });
    });
    if (!isAllGiven) return leavings.goOn(personId, now());
    const isAllTaken = await forEach({ sharedWith: [personId] }, until, async (project) => {
      if (!project.members?.some(({ id }) => id === personId)) return;
      await projects.removeMember(project.id, personId);
      await leavings.count(personId, { shares: 1 });
    });
    await (isAllTaken ? leavings.end(personId, now()) : leavings.goOn(personId, now()));
  }

  return {
    /** For the sweeper. */
    goOn: (leaving: Leaving) => step(leaving, sweptMs),

    /** What the person has, and how far a hand-over is. For administrators. */
    async preview(actor: Person, personId: string, q = '') {
      const { name, email } = await findLeaver(actor, personId);
      const [owned, shared, leaving, found] = await Promise.all([
        projects.list({ whose: { ownedBy: [personId] }, order: 'changed', limit: maxCounted }),
        projects.list({ whose: { sharedWith: [personId] }, order: 'newest', limit: maxCounted }),
        leavings.find(personId),
        sharing.findGrantees(actor.organisationId, q, [personId]),
      ]);
      return {
        person: { id: personId, name, email },
        owned: { names: owned.items.map(({ project }) => project.name), isMore: Boolean(owned.cursor) },
        shared: { count: shared.items.length, isMore: Boolean(shared.cursor) },
        leaving,
        found,
      };
    },

    /** Begins to hand everything over. Throws `hand-over-under-way`, `grantee-unknown`, `own-account`. */
    async begin(actor: Person, personId: string, toId: string): Promise<void> {
      const person = await findLeaver(actor, personId);
      if (toId === personId) throw samePerson();
      const to = await sharing.findGrantee(actor.organisationId, toId);
      const { id, name, email } = actor;
      const leaving: Leaving = {
        personId,
        personName: person.name,
        organisationId: actor.organisationId,
        to,
        by: { id, name, email },
        begunAt: now().toISOString(),
        projects: 0,
        shares: 0,
      };
      const about = {
        actor,
        personId,
        action: 'person.replaced' as const,
        detail: `everything → ${to.name}`,
      };
      await audit.recordChange(about, async () => {
        if (!(await leavings.begin(leaving, new Date(now().getTime() + 2 * stepMs)))) throw underWay();
      });
      await step(leaving, stepMs);
    },
  };
}

export type LeavingService = ReturnType<typeof createLeavingService>;
