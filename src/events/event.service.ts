// Notices what is new in a project and announces it to the organisation's webhooks. Events follow from the project's items as
// they are, compared with what was told: so nothing is lost when a process ends in between, and nothing is written by those who
// change pages.
import type { ExportStore } from '../exports/export.store.ts';
import type { ImportStore } from '../imports/import.store.ts';
import type { PageStore } from '../pages/page.store.ts';
import type { ProjectStore } from '../projects/project.store.ts';
import type { ProjectContentsStore } from '../projects/project-contents.store.ts';
import type { EventStore } from './event.store.ts';
import { findEvents, type SeenProject, type Told, tellAll } from './project-events.ts';
import type { WebhookStore } from './webhook.store.ts';
import type { Webhook } from './webhook.ts';

interface Dependencies {
  events: EventStore;
  webhooks: Pick<WebhookStore, 'list' | 'announce'>;
  contents: ProjectContentsStore;
  projects: Pick<ProjectStore, 'findIn'>;
  pages: Pick<PageStore, 'listIn'>;
  imports: Pick<ImportStore, 'listIn'>;
  exports: Pick<ExportStore, 'listIn'>;
  now: () => Date;
}

const rememberedMs = 5000;
const maxAttempts = 5;

export function createEventService(dependencies: Dependencies) {
  const { events, webhooks, contents, projects, pages, imports, exports, now } = dependencies;
  const known = new Map<string, { at: number; list: Promise<Webhook[]> }>();

  /** An organisation's webhooks, as of a few seconds ago: most have none, and are asked for at each page. */
  function webhooksOf(organisationId: string): Promise<Webhook[]> {
    const time = now().getTime();
    const found = known.get(organisationId);
    if (found && time - found.at < rememberedMs) return found.list;
    const list = webhooks.list(organisationId);
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
    listeners: Webhook[],
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
    const isNew = listeners.some((webhook) => webhook.createdAt <= createdAt);
    return isNew ? nothing : tellAll(nothing, seen);
  }

  return {
    /** Announces what is new. Returns the webhooks that are to be told. May be repeated, and done by several processes. */
    async follow(projectId: string): Promise<Webhook[]> {
      for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
        const [found, told] = await Promise.all([see(projectId), events.findTold(projectId)]);
        const organisationId = found?.project.organisationId ?? told?.organisationId;
        if (organisationId === undefined) return [];
        const listeners = await webhooksOf(organisationId);
        if (listeners.length === 0) return [];
        if (!found && (!told || told.isGone)) return [];
        const before = told ?? (found && beginTelling(found.project, found.seen, listeners));
        if (!before) return [];
        const news = findEvents(before, found?.seen, now().toISOString());
        if (news.events.length === 0 && told) return [];
        const after = found ? news.told : { ...news.told, isGone: true };
        if (!(await events.tell(told, news.events, after))) continue;
        if (news.events.length === 0) return [];
        for (const webhook of listeners) await webhooks.announce(webhook, projectId, before.number);
        return listeners;
      }
      throw new Error(`The project ${projectId} changes all the time`);
    },

    /** A new webhook is told from the next event on. */
    forgetWebhooks: (organisationId: string) => known.delete(organisationId),
  };
}

export type EventService = ReturnType<typeof createEventService>;
