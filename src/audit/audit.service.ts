// Records who did what to which project, page, export and person. An entry is written before its action: a change that
// cannot be recorded is refused, and one that then fails gets a second entry.
import { ulid as makeUlid } from 'ulid';
import { isPaperliftError, PaperliftError } from '../errors.ts';
import { defaultOrganisationId, organisationOf } from '../people/organisation.ts';
import type { Person } from '../people/person.ts';
import type { Policies } from '../people/policies.ts';
import type { Logger } from '../runtime/logger.ts';
import type { AuditStore } from './audit.store.ts';
import type { AuditEntry, AuditedAct, TrailKind, TrailName } from './audit.ts';
import { type AuditNames, namesIn } from './audit-names.ts';
import { createTrailAppender } from './trail-appender.ts';
import { type Verdict, verifyTrail } from './verify-trail.ts';

interface Dependencies {
  trails: AuditStore;
  policies: Policies;
  logger: Logger;
  now: () => Date;
  /** How long an entry may wait without progress in its trail until it is retried. */
  timeoutMs?: number;
}

/** An action. It is recorded in the trails of the project, of its actor, and of the person it concerns. */
export interface AuditEvent extends AuditedAct {
  actor: Person | 'system';
  /** Recorded in the project's trail only: one entry in the actor's trail covers several projects. */
  onlyInProject?: boolean;
}

/** Repeated reads by the same person within this time count as one view. */
const oneViewMs = 10 * 60_000;
const viewsRemembered = 10_000;

const detailLimit = 4000;
/** How many of a trail's first entries are searched for the project's name. */
const firstEntries = 5;

export function createAuditService({ trails, policies, logger, now, timeoutMs = 8000 }: Dependencies) {
  const append = createTrailAppender({ trails, logger, timeoutMs });
  const views = new Map<string, { at: number; recorded: Promise<void> }>();

  /**
   * Appends to every trail concerned. Rejects (`unavailable`) when it cannot; the action must not be carried out then.
   */
  async function record(event: AuditEvent): Promise<void> {
    const { actor, action, projectId, projectName, personId, pageId, exportId, fileName, detail } = event;
    const at = now();
    const organisationId = actor === 'system' ? event.organisationId : actor.organisationId;
    const who =
      actor === 'system'
        ? { actorId: 'system', actorName: 'Paperlift' }
        : {
            actorId: actor.id,
            actorName: cut(actor.name, 200),
            ...(actor.email && { actorEmail: cut(actor.email, 320) }),
          };
    const said = {
      id: makeUlid(at.getTime()),
      at: at.toISOString(),
      ...who,
      action,
      ...(organisationId && organisationId !== defaultOrganisationId && { organisationId }),
      ...(projectId && { projectId }),
      ...(projectName && { projectName }),
      ...(personId && { personId }),
      ...(pageId && { pageId }),
      ...(exportId && { exportId }),
      ...(fileName && { fileName: cut(fileName, 300) }),
      ...(detail && { detail: cut(detail, detailLimit) }),
    };
    const concerned = new Set<TrailName>();
    if (projectId) concerned.add(`project:${projectId}`);
    if (actor !== 'system' && !event.onlyInProject) concerned.add(`person:${actor.id}`);
    if (personId) concerned.add(`person:${personId}`);
    await Promise.all([...concerned].map((trail) => append(trail, said)));
  }

  function assertMayRead(person: Person) {
    if (policies.may(person, 'trails.read')) return;
    throw new PaperliftError('forbidden', {
      code: 'may-not-read-trails',
      message: 'Only administrators and auditors can view audit trails.',
      hint: 'Go back to your projects.',
    });
  }

  /** Whether the trail is one of the person's organisation. One that does not exist is nobody's. */
  async function isOfTheirs(person: Person, trail: TrailName): Promise<boolean> {
    const entry = (await trails.readHead(trail)) ?? (await trails.findLast(trail));
    return entry !== undefined && organisationOf(entry) === person.organisationId;
  }

  return {
    record,

    /** Records a change, then carries it out. */
    async recordChange<T>(event: AuditEvent, change: () => Promise<T>): Promise<T> {
      await record(event);
      try {
        return await change();
      } catch (error) {
        const reason = isPaperliftError(error) ? error.code : 'unexpected';
        const failure = { ...event, action: 'change.failed' as const, detail: `${event.action}: ${reason}` };
        await record(failure).catch(() => {}); // the change's own error is the one to report
        throw error;
      }
    },

    /** Records reading someone else's data, once for each view. Owners' own reads are not recorded. */
    async recordRead({ ownerId, ...event }: AuditEvent & { actor: Person; ownerId?: string }): Promise<void> {
      if (ownerId === event.actor.id) return;
      const { actor, action, projectId, pageId, exportId } = event;
      const key = JSON.stringify([actor.id, action, projectId, pageId, exportId]);
      const time = now().getTime();
      const view = views.get(key);
      if (view && time - view.at < oneViewMs) return view.recorded;
      const recorded = record(event);
      views.delete(key);
      views.set(key, { at: time, recorded });
      if (views.size > viewsRemembered) views.delete(views.keys().next().value as string);
      recorded.catch(() => views.delete(key));
      return recorded;
    },

    /** A page of a trail, newest first. `cursor` is the number of the entry before which it starts. */
    async list(person: Person, trail: TrailName, { limit, before }: { limit: number; before?: number }) {
      assertMayRead(person);
      if (!(await isOfTheirs(person, trail))) return { items: [] };
      const entries = await trails.list(trail, { limit, ...(before === undefined ? {} : { before }) });
      const items = entries.slice(0, limit);
      const last = items.at(-1);
      return last && last.number > 1 ? { items, cursor: last.number } : { items };
    },

    /** The name of a trail's project or person. The first entry of a project's trail is its creation. */
    async titleOf(person: Person, trail: TrailName, names: AuditNames): Promise<string> {
      assertMayRead(person);
      const id = trail.slice(trail.indexOf(':') + 1);
      if (trail.startsWith('person:')) return names.person(id) ?? 'Unknown person';
      const name = names.project(id);
      if (name) return name;
      if (!(await isOfTheirs(person, trail))) return 'Unknown project';
      const entries = await trails.list(trail, { limit: firstEntries, before: firstEntries + 1 });
      return namesIn(entries).project(id) ?? (entries.length > 0 ? 'Deleted project' : 'Unknown project');
    },

    /** The newest entry of each trail of a kind. */
    async listTrails(person: Person, kind: TrailKind, { limit, cursor }: { limit: number; cursor?: string }) {
      assertMayRead(person);
      const found = await trails.listTrails(person.organisationId, kind, {
        limit: limit + 1,
        ...(cursor ? { cursor } : {}),
      });
      const items = found.slice(0, limit);
      const last = items.at(-1);
      return last && found.length > limit ? { items, cursor: `${last.at}#${last.id}` } : { items };
    },

    /** A whole trail, oldest first, with the result of its check. The download itself is recorded. */
    async download(person: Person, trail: TrailName): Promise<{ entries: AuditEntry[]; verdict: Verdict }> {
      assertMayRead(person);
      if (!(await isOfTheirs(person, trail))) throw noSuchTrail();
      const [kind, id] = trail.split(/:(.*)/s) as [TrailKind, string];
      await record({
        actor: person,
        action: 'trail.downloaded',
        ...(kind === 'project' ? { projectId: id } : { personId: id }),
      });
      const { entries, newest } = await trails.readAll(trail);
      const verdict = await verifyTrail(trail, entries, newest);
      const all = entries.map(({ entry }) => entry);
      return { entries: newest && all.at(-1)?.hash !== newest.hash ? [...all, newest] : all, verdict };
    },

    /** Checks whether a trail is intact. If not, names the first wrong entry. */
    async check(person: Person, trail: TrailName): Promise<Verdict> {
      assertMayRead(person);
      if (!(await isOfTheirs(person, trail))) throw noSuchTrail();
      const { entries, newest } = await trails.readAll(trail);
      return verifyTrail(trail, entries, newest);
    },
  };
}

export type AuditService = ReturnType<typeof createAuditService>;

function noSuchTrail() {
  return new PaperliftError('not-found', {
    code: 'trail-not-found',
    message: 'This audit trail doesn’t exist.',
    hint: 'Check the address, or go back to the list of audit trails.',
  });
}

function cut(text: string, length: number): string {
  const whole = text.toWellFormed();
  return whole.length > length ? `${whole.slice(0, length - 1).toWellFormed()}…` : whole;
}
