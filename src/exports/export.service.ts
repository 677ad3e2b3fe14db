import { setTimeout as delay } from 'node:timers/promises';
import { ulid as makeUlid } from 'ulid';
import type { AuditEvent, AuditService } from '../audit/audit.service.ts';
import type { Blob, BlobStore } from '../aws/blob-store.ts';
import { notFound, PaperliftError } from '../errors.ts';
import type { ImportStore } from '../imports/import.store.ts';
import type { PageStore } from '../pages/page.store.ts';
import type { PageSummary } from '../pages/page.ts';
import { organisationOf } from '../people/organisation.ts';
import type { Person } from '../people/person.ts';
import { aboutProject, type ProjectService } from '../projects/project.service.ts';
import { type Project, projectPrefix } from '../projects/project.ts';
import type { ProjectContents } from '../projects/project-contents.store.ts';
import { type Language, nameLanguages } from '../text/languages.ts';
import type { EnqueueExport } from './export.queue.ts';
import type { ExportStore } from './export.store.ts';
import { type Export, type ExportFormat, exportFiles, isTranslatable, kindOf } from './export.ts';
import { type ExportRetention, findExpired } from './export-retention.ts';
import { assertExportable } from './exportable.ts';
import { safeFileName } from './file-names.ts';
import { fingerprintOf } from './fingerprint.ts';

const isExportOver = ({ status }: Export) => status === 'ready' || status === 'failed';

/** How long a claim counts whose export does not exist yet: the instance that made it may have ended. */
const claimMs = 15_000;
const claimPollMs = 100;

/** Who asks for an export, and how that is recorded. */
interface Requester {
  id: string;
  name: string;
  about: (project: Project) => Omit<AuditEvent, 'action'>;
  note: string;
}

const about = (person: Person) => (project: Project) => aboutProject(person, project);

interface Dependencies {
  projects: ProjectService;
  pages: PageStore;
  imports: Pick<ImportStore, 'listIn'>;
  exports: ExportStore;
  audit: Pick<AuditService, 'record' | 'recordChange'>;
  blobs: BlobStore;
  enqueue: EnqueueExport;
  maxPages: number;
  /** The languages that exports may be translated into; none unless that step is on. */
  translateInto: readonly Language[];
  retention: ExportRetention;
  now: () => Date;
}

export function createExportService(dependencies: Dependencies) {
  const { projects, pages, imports, exports, audit, blobs, enqueue } = dependencies;
  const { maxPages, translateInto, retention, now } = dependencies;

  async function find(projectId: string, exportId: string): Promise<Export> {
    const item = await exports.find(projectId, exportId);
    if (!item) throw notFound('export');
    return item;
  }

  /** Deletes the record first: a worker that is rendering the file notices, and deletes what it stored. */
  async function erase({ projectId, id }: Export) {
    await exports.remove(projectId, id);
    await blobs.removeBelow(`${projectPrefix(projectId)}exports/${id}/`);
  }

  /**
   * Equal concurrent requests, even to several instances, create one export: the one that claims it creates it, the
   * others wait for it.
   */
  async function makeOnce(
    requester: Requester,
    project: Project,
    request: Pick<Export, 'projectId' | 'format' | 'translateTo' | 'fingerprint'>,
  ): Promise<Export> {
    for (let polls = 0; ; ) {
      const claim = await exports.findClaim(request);
      const made = claim && (await exports.find(request.projectId, claim.exportId));
      // a ready export may show a later state than the requested one
      if (
        made &&
        (!isExportOver(made) || (made.status === 'ready' && made.fingerprint === request.fingerprint))
      )
        return made;
      const isYoung = claim && now().getTime() - claim.claimedAt < claimMs && polls < claimMs / claimPollMs;
      if (isYoung && !made && !claim.isMade) {
        polls += 1;
        await delay(claimPollMs);
        continue;
      }
      const createdAt = now().toISOString();
      const item: Export = {
        ...request,
        id: makeUlid(now().getTime()),
        status: 'queued',
        requestedBy: requester.id,
        requestedByName: requester.name,
        createdAt,
        updatedAt: createdAt,
      };
      if (!(await exports.claimRequest(item, claim))) continue;
      // else the claim expires
      await make(requester, project, item).finally(() => exports.confirmClaim(item).catch(() => {}));
      return item;
    }
  }

  async function requestIn(
    project: Project,
    contents: ProjectContents,
    requester: Requester,
    { format, translateTo }: Pick<Export, 'format'> & { translateTo?: Language | undefined },
  ): Promise<Export> {
    const items = pages.listIn(contents);
    assertExportable(items, imports.listIn(contents), maxPages);
    if (translateTo && !(isTranslatable(format) && translateInto.includes(translateTo)))
      throw notTranslated(translateInto);
    const fingerprint = fingerprintOf(project, items);
    const existing = exports
      .listIn(contents)
      .find(
        (item) =>
          item.format === format &&
          item.translateTo === translateTo &&
          item.fingerprint === fingerprint &&
          item.status !== 'failed',
      );
    if (existing) return existing;
    const request = { projectId: project.id, format, ...(translateTo ? { translateTo } : {}), fingerprint };
    return makeOnce(requester, project, request);
  }

  async function make(requester: Requester, project: Project, item: Export) {
    const { id: exportId, projectId } = item;
    const detail = kindOf(item) + requester.note;
    await audit.recordChange(
      { ...requester.about(project), action: 'export.requested', exportId, detail },
      async () => {
        await exports.create(item);
        if (await projects.exists(projectId)) return;
        await exports.remove(projectId, exportId);
        throw notFound('project');
      },
    );
    await enqueue(item);
  }

  return {
    /**
     * Requests a file of the project's current state. Repeating the request for an unchanged project returns the
     * stored file or the job in flight. `translateTo` adds a translation.
     */
    async request(
      person: Person,
      projectId: string,
      format: ExportFormat,
      { translateTo }: { translateTo?: Language | undefined } = {},
    ): Promise<Export> {
      const { project, contents } = await projects.openContents(person, projectId);
      const requester = { id: person.id, name: person.name, about: about(person), note: '' };
      return requestIn(project, contents, requester, { format, translateTo });
    },

    /** The same for a rule of an organisation, whose administrators decide for all of its projects. */
    async requestForRule(
      rule: { id: string; name: string; organisationId: string },
      projectId: string,
      wanted: Pick<Export, 'format' | 'translateTo'>,
    ): Promise<Export> {
      const { project, contents } = await projects.findContents(projectId);
      if (organisationOf(project) !== rule.organisationId) throw notFound('project');
      const requester: Requester = {
        id: rule.id,
        name: `the rule “${rule.name}”`,
        about: ({ id, name, organisationId }) => ({
          actor: 'system',
          projectId: id,
          projectName: name,
          organisationId,
        }),
        note: `, by the rule “${rule.name}”`,
      };
      return requestIn(project, contents, requester, wanted);
    },

    /** An export and its file, for a rule. */
    async openForRule(projectId: string, exportId: string) {
      const { project } = await projects.findContents(projectId);
      const item = await find(projectId, exportId);
      return { project, item, open: async () => (await blobs.open(item.fileKey ?? '')).body };
    },

    /** The retention rule. */
    retention,

    /** A project's exports, newest first. `cursor` is where the next page begins. */
    async list(
      person: Person,
      projectId: string,
      { limit = 50, cursor }: { limit?: number | undefined; cursor?: string | undefined } = {},
    ): Promise<{ items: Export[]; cursor?: string }> {
      const [, found] = await Promise.all([
        projects.view(person, projectId),
        exports.list(projectId, limit + 1, cursor),
      ]);
      return cutAt(limit, found);
    },

    /** The same with what says whether they are of the project as it is now. */
    async view(
      person: Person,
      projectId: string,
      { limit = 50, cursor }: { limit?: number; cursor?: string | undefined } = {},
    ): Promise<{ project: Project; pages: PageSummary[]; items: Export[]; cursor?: string }> {
      const { project, contents } = await projects.viewContents(person, projectId);
      const found = exports.listIn(contents).filter(({ id }) => cursor === undefined || id < cursor);
      return { project, pages: pages.listIn(contents), ...cutAt(limit, found) };
    },

    /** Deletes an export and its file, even while it is being created. */
    async remove(person: Person, projectId: string, exportId: string) {
      const project = await projects.open(person, projectId);
      const item = await find(projectId, exportId);
      await audit.recordChange(
        { ...aboutProject(person, project), action: 'export.deleted', exportId, detail: kindOf(item) },
        () => erase(item),
      );
    },

    /** For the sweeper: an export is old. Deletes all exports of its project that the retention rule does not keep. */
    async expire(old: Export) {
      const { projectId } = old;
      const expired = findExpired(await exports.listAll(projectId), retention, now());
      for (const item of expired) {
        if (!(await exports.find(projectId, item.id))) continue; // another sweeper was faster
        const about = { projectId, exportId: item.id, detail: kindOf(item) };
        await audit.record({ actor: 'system', action: 'export.expired', ...about });
        await erase(item);
      }
      if (!expired.some(({ id }) => id === old.id)) await exports.lookAgainTomorrow(old);
    },

    async read(person: Person, projectId: string, exportId: string): Promise<Export> {
      await projects.view(person, projectId);
      return find(projectId, exportId);
    },

    async openFile(
      person: Person,
      projectId: string,
      exportId: string,
    ): Promise<{ blob: Blob; item: Export; project: Project }> {
      const project = await projects.read(person, projectId);
      const item = await find(projectId, exportId);
      if (!item.fileKey) {
        throw new PaperliftError('conflict', {
          code: 'export-not-ready',
          message: item.status === 'failed' ? 'The export failed.' : 'The export isn’t ready yet.',
          hint: item.status === 'failed' ? 'Export again.' : 'Wait until its status is ready.',
        });
      }
      if (project.ownerId !== person.id) {
        const entry = { ...aboutProject(person, project), exportId, detail: kindOf(item) };
        await audit.record({ ...entry, action: 'export.downloaded' });
      }
      return { blob: await blobs.open(item.fileKey), item, project };
    },
  };
}

/** `cursor` is where the next part begins. */
function cutAt(limit: number, found: Export[]): { items: Export[]; cursor?: string } {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return found.length > limit && last ? { items, cursor: last.id } : { items };
}

export type ExportService = ReturnType<typeof createExportService>;

/** The download name: the project's name without characters that file systems reject. */
export function exportFileName(project: Project, item: Export): string {
  const language = item.translateTo ? `${item.translateTo}.` : '';
  return `${safeFileName(project.name, 'project')}.${language}${exportFiles[item.format].extension}`;
}

function notTranslated(into: readonly Language[]) {
  return new PaperliftError('invalid', {
    code: 'translation-not-offered',
    message: into.length > 0 ? 'This translation isn’t offered.' : 'Translations aren’t offered.',
    hint:
      into.length > 0
        ? `Export a Word document or plain text, translated into ${nameLanguages(into)}.`
        : 'Export without a translation.',
  });
}
