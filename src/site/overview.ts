// What a project's pages add up to.

import { thumbnailUrl } from '../pages/page.presenter.ts';
import { isFinal, type PageSummary } from '../pages/page.ts';
import type { ProjectOverview } from '../projects/project.presenter.ts';
import type { Project } from '../projects/project.ts';

export function overviewOf(project: Project, pages: PageSummary[]): ProjectOverview {
  return {
    project,
    pageCount: pages.length,
    failedCount: pages.filter((page) => page.status === 'failed').length,
    underWayCount: pages.filter((page) => !isFinal(page)).length,
    doubtfulCount: pages.reduce((sum, page) => sum + (page.doubtfulCount ?? 0), 0),
    changedAt: [project.createdAt, ...pages.map((page) => page.updatedAt)].sort().at(-1) ?? '',
    thumbnails: pages
      .filter((page) => page.thumbnailKey)
      .slice(0, 3)
      .map((page) => thumbnailUrl(project, page)),
  };
}
