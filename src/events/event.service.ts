// Notices what is new in a project and announces it to the organisation's webhooks and other listeners. Events follow from the project's items as
// they are, compared with what was told: so nothing is lost when a process ends in between, and nothing is written by those who
// change pages.
import type { ExportStore } from '../exports/export.store.ts';
import type { ImportStore } from '../imports/import.store.ts';
import type { PageStore } from '../pages/page.store.ts';
import type { ProjectStore } from '../projects/project.store.ts';
import type { ProjectContentsStore } from '../projects/project-contents.store.ts';
import type { EventStore } from './event.store.ts';
import type { Channels, Listener, ListenerKind } from './listener.ts';
import { findEvents, type SeenProject, type Told, tellAll } from './project-events.ts';
import type { WebhookStore } from './webhook.store.ts';

interface Dependencies {
  events: EventStore;
  webhooks: Pick<WebhookStore, 'announce'>;
  channels: Channels;
  contents: ProjectContentsStore;
  projects: Pick<ProjectStore, 'findIn'>;
  pages: Pick<PageStore, 'listIn'>;
  imports: Pick<ImportStore, 'listIn'>;
  exports: Pick<ExportStore, 'listIn'>;
  now: () => Date;
}

type Known = Listener & { kind: ListenerKind };

const rememberedMs = 5000;
const maxAttempts = 5;

export function createEventService(dependencies: Dependencies) {
  const { events, webhooks, channels, contents, projects, pages, imports, exports, now } = dependencies;
  const known = new Map<string, { at: number; list: Promise<Known[]> }>();

  async function listAll(organisationId: string): Promise<Known[]> {
    const kinds = Object.keys(channels) as ListenerKind[];
    const lists = await Promise.all(
      kinds.map(async (kind) =>
        ((await channels[kind]?.list(organisationId)) ?? []).map((listener) => ({ ...listener, kind })),
      ),
    );
    return lists.flat();
  }

  /** An organisation's webhooks and other listeners, as of a few seconds ago: most have none, and are asked for at each page. */
  function listenersOf(organisationId: string): Promise<Known[]> {
    const time = now().getTime();
    const found = known.get(organisationId);
    if (found && time - found.at < rememberedMs) return found.list;
    const list = listAll(organisationId);
    known.set(organisationId, { at: time, list });
    list.catch(() => known.delete(organisationId));
    return list;
  }

  async function see(projectId: string) {
    const found = await contents.read(projectId);
    const project = projects.findIn(found)?.project;
    if (!project) return undefined;
    const seen: SeenProject = {
      name: project.name,
      pages: pages.listIn(found),
      exports: exports.listIn(found),
      isGrowing: imports.listIn(found).some(({ status }) => !['done', 'failed'].includes(status)),
    };
    return { project, seen };
  }

  /** A project that was never told of: new when it was created after the first webhook, else as it is. */
  function beginTelling(
    { id, organisationId, createdAt }: { id: string; organisationId: string; createdAt: string },
    seen: SeenProject,
    listeners: Known[],
  ): Told {
    const nothing = {
      organisationId,
      projectId: id,
      name: '',
      number: 0,
      isReady: false,
      pages: {},
      exports: {},
    };
    const isNew = listeners.some((listener) => listener.createdAt <= createdAt);
    return isNew ? nothing : tellAll(nothing, seen);
  }

  return {
    /** Announces what is new. Returns who is to be told. May be repeated, and done by several processes. */
    async follow(projectId: string): Promise<Known[]> {
      for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
        const [found, told] = await Promise.all([see(projectId), events.findTold(projectId)]);
        const organisationId = found?.project.organisationId ?? told?.organisationId;
        if (organisationId === undefined) return [];
        const listeners = await listenersOf(organisationId);
        if (listeners.length === 0) return [];
        if (!found && (!told || told.isGone)) return [];
        const before = told ?? (found && beginTelling(found.project, found.seen, listeners));
        if (!before) return [];
        const news = findEvents(before, found?.seen, now().toISOString());
        if (news.events.length === 0 && told) return [];
        const after = found ? news.told : { ...news.told, isGone: true };
        if (!(await events.tell(told, news.events, after))) continue;
        if (news.events.length === 0) return [];
        for (const listener of listeners) await webhooks.announce(listener, projectId, before.number);
        return listeners;
      }
      throw new Error(`The project ${projectId} changes all the time`);
    },

    /** A new listener is told from the next event on. */
    forgetListeners: (organisationId: string) => known.delete(organisationId),
  };
}

export type EventService = ReturnType<typeof createEventService>;
