// A project's page shows all of its pages, so that their number has a limit.
import { PaperliftError } from '../errors.ts';
import type { ProjectSummaries } from './project-summary.store.ts';

interface Dependencies {
  summaries: Pick<ProjectSummaries, 'find'>;
  /** 0: no limit. */
  maxPages: number;
}

export function createProjectRoom({ summaries, maxPages }: Dependencies) {
  return {
    /** Throws `project-full` unless the project takes so many more pages. Known to some seconds. */
    async assertRoom(projectId: string, pages = 1): Promise<void> {
      if (maxPages === 0) return;
      const { pageCount = 0 } = (await summaries.find(projectId))?.facts ?? {};
      if (pageCount + pages > maxPages) throw projectFull(maxPages, maxPages - pageCount);
    },
  };
}

export type ProjectRoom = ReturnType<typeof createProjectRoom>;

function projectFull(maxPages: number, left: number) {
  const most = maxPages.toLocaleString('en-US');
  return new PaperliftError('conflict', {
    code: 'project-full',
    message: `A project can have ${most} pages, and this one has room for ${left > 0 ? left.toLocaleString('en-US') : 'none'}.`,
    hint: 'Add the pages to another project.',
  });
}
