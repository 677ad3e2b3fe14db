// Works out what is new in a project since other systems were last told. Pure.
import type { EventType, ProjectEvent } from './event.ts';

/** What has been told: a project's pages and exports by id, each as a word for its state. */
export interface Told {
  organisationId: string;
  projectId: string;
  name: string;
  /** The number of the last event. */
  number: number;
  isReady: boolean;
  pages: Record<string, string>;
  exports: Record<string, string>;
  /** The project was deleted, and that was told. */
  isGone?: boolean;
}

interface SeenPage {
  id: string;
  status: string;
  revision: number;
  fileName: string;
  reviewedAt?: string | undefined;
  failure?: { code: string } | undefined;
}

interface SeenExport {
  id: string;
  status: string;
  format: string;
  failure?: { code: string } | undefined;
}

/** A project as it is. `undefined` when it was deleted. */
export interface SeenProject {
  name: string;
  /** In their order. */
  pages: SeenPage[];
  exports: SeenExport[];
  /** Whether files are still being split into pages. */
  isGrowing: boolean;
}

type Said = Partial<ProjectEvent> & { type: EventType };

const stateOf = ({ revision, status, reviewedAt }: SeenPage) =>
  `${revision} ${status}${reviewedAt ? ' reviewed' : ''}`;
const isFinal = (status: string) => status === 'ready' || status === 'failed';

/** The state, and the events that lead to it from what was told. */
export function findEvents(
  told: Told,
  seen: SeenProject | undefined,
  at: string,
): { events: ProjectEvent[]; told: Told } {
  const said: Said[] = seen ? [...sayNew(told, seen)] : [{ type: 'project.deleted' }];
  const events = said.map(({ type, ...more }, index) => {
    const number = told.number + index + 1;
    const { organisationId, projectId } = told;
    return {
      id: `${projectId}-${number}`,
      type,
      at,
      organisationId,
      projectId,
      number,
      projectName: seen?.name ?? told.name,
      ...more,
    };
  });
  return { events, told: { ...tellAll(told, seen), number: told.number + events.length } };
}

/** What was told once all of this is. */
export function tellAll(told: Told, seen: SeenProject | undefined): Told {
  return {
    ...told,
    name: seen?.name ?? told.name,
    isReady: seen ? isReady(seen) : false,
    pages: Object.fromEntries((seen?.pages ?? []).map((page) => [page.id, stateOf(page)])),
    exports: Object.fromEntries((seen?.exports ?? []).map(({ id, status }) => [id, status])),
  };
}

function* sayNew(told: Told, seen: SeenProject): Generator<Said> {
  if (told.number === 0 && told.name === '') yield { type: 'project.created' };
  else if (told.name !== seen.name) yield { type: 'project.renamed' };
  for (const [at, page] of seen.pages.entries()) yield* sayPage(told.pages[page.id], page, at + 1);
  const there = new Set(seen.pages.map(({ id }) => id));
  for (const pageId of Object.keys(told.pages))
    if (!there.has(pageId)) yield { type: 'page.deleted', pageId };
  const hasNews = seen.pages.some((page) => isFinal(page.status) && !isTold(told.pages[page.id], page));
  if (isReady(seen) && (!told.isReady || hasNews)) yield { type: 'project.ready' };
  for (const { id: exportId, status, format, failure } of seen.exports) {
    if (!isFinal(status) || told.exports[exportId] === status) continue;
    const type = status === 'ready' ? 'export.ready' : 'export.failed';
    yield { type, exportId, format, ...(failure ? { failureCode: failure.code } : {}) };
  }
}

/** Whether a page's status was told for its revision. */
const isTold = (before: string | undefined, { revision, status }: SeenPage): boolean =>
  before?.startsWith(`${revision} ${status}`) ?? false;

function* sayPage(before: string | undefined, page: SeenPage, pageNumber: number): Generator<Said> {
  const { id: pageId, fileName, status, failure } = page;
  const about = { pageId, pageNumber, fileName };
  if (isFinal(status) && !isTold(before, page))
    yield status === 'ready'
      ? { type: 'page.ready', ...about }
      : { type: 'page.failed', ...about, ...(failure ? { failureCode: failure.code } : {}) };
  if (page.reviewedAt && !before?.endsWith(' reviewed')) yield { type: 'page.reviewed', ...about };
}

/** All pages are processed, and there are some. */
const isReady = ({ pages, isGrowing }: SeenProject) =>
  pages.length > 0 && !isGrowing && pages.every(({ status }) => isFinal(status));
