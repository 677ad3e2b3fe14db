// Project summaries for lists: the stored one, or a new one when it is stale.
import { isAssignable } from '../projects/assignment.ts';
import type { ProjectStore } from '../projects/project.store.ts';
import type { Project } from '../projects/project.ts';
import type { ProjectSummaries } from '../projects/project-summary.store.ts';
import type { ListedProject, ProjectFacts } from '../projects/project-summary.ts';
import type { PageStore } from './page.store.ts';
import { isFinal, type PageSummary } from './page.ts';
import type { ReviewEntries } from './review-entries.store.ts';

interface Dependencies {
  projects: Pick<ProjectStore, 'find'>;
  summaries: Pick<ProjectSummaries, 'find' | 'derive' | 'remove'>;
  pages: Pick<PageStore, 'list' | 'assign'>;
  reviewEntries: Pick<ReviewEntries, 'follow'>;
  /** Called before a summary is derived, and when its project is gone: whoever follows projects notices each change here. */
  onChange: (projectId: string) => Promise<unknown>;
}

const maxAttempts = 3;

/** `changedAt` is ISO 8601. */
export interface SummarizedProject {
  project: Project;
  changedAt: string;
  facts: ProjectFacts;
}

export function createSummaryService(dependencies: Dependencies) {
  const { projects, summaries, pages, reviewEntries, onChange } = dependencies;
  /**
   * Derives from the pages the summary, and the entries of the queue of what is to be reviewed. A change during that time
   * causes another run: whoever made it may have written these entries before.
   */
  async function refresh(projectId: string, attempt = 1): Promise<SummarizedProject | undefined> {
    const [project, seen] = await Promise.all([projects.find(projectId), summaries.find(projectId)]);
    await onChange(projectId);
    if (!project) return undefined;
    const listed = await pages.list(projectId); // after the summary was read, so that no change is missed
    await unassign(project, listed);
    const facts = factsOf(listed);
    const rewritten = await reviewEntries.follow(project, listed);
    const isCurrent = await summaries.derive(project, facts, seen);
    if (!isCurrent && rewritten > 0 && attempt < maxAttempts) return refresh(projectId, attempt + 1);
    return { project, changedAt: seen?.changedAt ?? project.createdAt, facts };
  }

  /** What is assigned to someone who may no longer review it is not theirs again when they may. */
  async function unassign(project: Project, listed: PageSummary[]) {
    for (const page of listed)
      if (page.assignment && !isAssignable(project, page.assignment.id))
        await pages.assign(page, undefined, page.assignment.id);
  }

  return {
    refresh,

    /** For the sweeper: also removes the summary of a project whose creation or deletion was interrupted. */
    async refreshOrRemove(projectId: string) {
      if (!(await refresh(projectId))) await summaries.remove(projectId);
    },

    /** The caller has checked the person's access. Leaves out projects that are gone. */
    async summarize(listed: ListedProject[]): Promise<SummarizedProject[]> {
      const summarized = await Promise.all(
        listed.map(async ({ project, summary: given }) => {
          const summary = given ?? (await summaries.find(project.id));
          return summary?.facts && !summary.stale
            ? { project, changedAt: summary.changedAt, facts: summary.facts }
            : refresh(project.id);
        }),
      );
      return summarized.filter((each) => each !== undefined);
    },

    /** Called when a project is viewed: corrects its summary if it does not match the pages. */
    async check({ project, summary }: ListedProject, listed: PageSummary[]) {
      const isCopied = summary?.projectCopy?.name === project.name;
      const isRight =
        summary?.stale ||
        (isCopied && JSON.stringify(inOrder(summary.facts)) === JSON.stringify(inOrder(factsOf(listed))));
      if (!isRight) await refresh(project.id);
    },
  };
}

export type SummaryService = ReturnType<typeof createSummaryService>;

const inOrder = (facts: ProjectFacts | undefined) =>
  facts && [
    facts.pageCount,
    facts.underWayCount,
    facts.failedCount,
    facts.doubtfulCount,
    facts.reviewedCount,
    facts.originalBytes,
    ...facts.firstPages.map(({ id, revision, rotation, straightened }) =>
      [id, revision, rotation, straightened ?? 0].join(' '),
    ),
  ];

/** The facts of these pages. */
export function factsOf(pages: PageSummary[]): ProjectFacts {
  return {
    pageCount: pages.length,
    underWayCount: pages.filter((page) => !isFinal(page)).length,
    failedCount: pages.filter((page) => page.status === 'failed').length,
    doubtfulCount: pages.reduce((sum, page) => sum + (page.doubtfulCount ?? 0), 0),
    reviewedCount: pages.filter((page) => page.reviewedAt).length,
    originalBytes: pages.reduce((sum, page) => sum + (page.sizeBytes ?? 0), 0),
    firstPages: pages
      .filter((page) => page.thumbnailKey)
      .slice(0, 3)
      .map(({ id, revision, rotation, straightened }) => ({
        id,
        revision,
        rotation,
        ...(straightened === undefined ? {} : { straightened }),
      })),
  };
}
