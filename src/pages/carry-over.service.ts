// Gives the texts of pages that were written before texts had items of their own such items, step by step, while the site
// runs: readers understand both, writers write the new one (docs/decisions/0047). Each sweep does a step until all is done.
import { defaultOrganisationId } from '../people/organisation.ts';
import type { ListedProject } from '../projects/project-summary.ts';
import type { Logger } from '../runtime/logger.ts';
import type { CarryOverProgress } from './carry-over.store.ts';
import type { PageStore } from './page.store.ts';
import type { PageSummary, StoredText } from './page.ts';

interface Dependencies {
  progress: CarryOverProgress;
  projects: {
    list: (query: {
      whose: { organisationId: string };
      order: 'newest';
      limit: number;
      cursor?: string;
    }) => Promise<{ items: ListedProject[]; cursor?: string }>;
  };
  pages: Pick<PageStore, 'listEvenDeleted' | 'findEvenDeleted' | 'carryOver'>;
  logger: Logger;
  now: () => Date;
}

const projectsAtOnce = 5;
const pagesAtOnce = 4;
const stepMs = 5000;
/** A page that people change meanwhile is read again so often. */
const maxAttempts = 5;

const isOld = (page: PageSummary & StoredText) => page.textId === undefined && page.text !== undefined;

export function createCarryOver({ progress, projects, pages, logger, now }: Dependencies) {
  let isDone = false;

  async function carryOver(seen: PageSummary): Promise<number> {
    let page: PageSummary | undefined = seen;
    for (let attempt = 1; page && isOld(page) && attempt <= maxAttempts; attempt += 1) {
      if (await pages.carryOver(page)) return 1;
      page = await pages.findEvenDeleted(seen.projectId, seen.id);
    }
    if (page && isOld(page)) throw new Error(`The page ${seen.id} changes all the time`);
    return 0;
  }

  async function carryOverAll(projectId: string): Promise<number> {
    const old = (await pages.listEvenDeleted(projectId)).filter(isOld);
    let count = 0;
    for (let at = 0; at < old.length; at += pagesAtOnce) {
      const done = await Promise.all(old.slice(at, at + pagesAtOnce).map(carryOver));
      count += done.reduce((sum, one) => sum + one, 0);
    }
    return count;
  }

  /** Goes on where the last step ended, unless another worker is at it. Returns how many pages it carried over. */
  async function step(): Promise<number> {
    if (isDone) return 0;
    const begun = await progress.claim();
    if (begun === 'done') isDone = true;
    if (begun === 'done' || begun === 'taken') return 0;
    const until = now().getTime() + stepMs;
    let count = 0;
    let { cursor } = begun;
    do {
      const list = await projects.list({
        whose: { organisationId: defaultOrganisationId }, // older than any other organisation
        order: 'newest',
        limit: projectsAtOnce,
        ...(cursor ? { cursor } : {}),
      });
      for (const { project } of list.items) count += await carryOverAll(project.id);
      cursor = list.cursor;
      if (!(await progress.save(begun, { cursor, isLast: now().getTime() >= until }))) return count;
    } while (cursor && now().getTime() < until);
    if (count > 0) logger.info({ pages: count, isDone: !cursor }, 'carried the texts of pages over');
    isDone = !cursor;
    return count;
  }

  return { step };
}
