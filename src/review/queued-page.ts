import type { PageSummary, ReviewClaim } from '../pages/page.ts';
import type { Assignment, Project } from '../projects/project.ts';

export interface PageInProject {
  project: Project;
  page: PageSummary;
}

/** A page that waits for its review. */
export interface QueuedPage extends PageInProject {
  /** As of a moment ago. Missing on a page that was read just now. */
  number?: number;
  assignment: Assignment;
  /** Where it stands in the queue. */
  sort: string;
  /** Who reviews it right now. */
  claim?: ReviewClaim;
}
