// A project's facts, as the views of projects take them.
import { thumbnailUrl } from '../pages/page.presenter.ts';
import type { PageSummary } from '../pages/page.ts';
import { factsOf, type SummarizedProject } from '../pages/summary.service.ts';
import type { ProjectOverview } from '../projects/project.presenter.ts';
import type { Project } from '../projects/project.ts';

export function toOverview({ project, changedAt, facts }: SummarizedProject): ProjectOverview {
  const { firstPages, ...counts } = facts;
  return {
    project,
    ...counts,
    changedAt,
    thumbnails: firstPages.map((page) => thumbnailUrl(project, page)),
  };
}

export function overviewOf(project: Project, pages: PageSummary[]): ProjectOverview {
  const changedAt = [project.createdAt, ...pages.map((page) => page.updatedAt)].sort().at(-1) ?? '';
  return toOverview({ project, changedAt, facts: factsOf(pages) });
}
