// The page numbers of a project. A number is a page's rank among all pages, so reading one takes a list of the
// project. The list is cached in this process until the project's summary changes.
import type { ProjectSummaries } from '../projects/project-summary.store.ts';
import type { PageStore } from './page.store.ts';

interface Dependencies {
  summaries: Pick<ProjectSummaries, 'find'>;
  pages: Pick<PageStore, 'list'>;
}

const maxKept = 200;

export function createPageNumbers({ summaries, pages }: Dependencies) {
  const kept = new Map<string, { version: string; numbers: Map<string, number> }>();

  return {
    /** Numbers from 1, by page id. The caller has checked that the person may see the project. */
    async read(projectId: string): Promise<Map<string, number>> {
      const summary = await summaries.find(projectId); // before the pages, so that no change is missed
      const version = summary && `${summary.changedAt} ${summary.stale ?? ''}`;
      const known = kept.get(projectId);
      if (known && known.version === version) return known.numbers;
      const numbers = new Map((await pages.list(projectId)).map(({ id }, at) => [id, at + 1]));
      kept.delete(projectId);
      if (version) kept.set(projectId, { version, numbers });
      if (kept.size > maxKept) kept.delete(kept.keys().next().value as string);
      return numbers;
    },
  };
}

export type PageNumbers = ReturnType<typeof createPageNumbers>;
