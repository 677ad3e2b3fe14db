// Presents who else is concerned with a page: whom it is assigned to, who reviews it now, who has it open.
import { pageUrl } from '../pages/page.presenter.ts';
import type { PageSummary, ReviewClaim } from '../pages/page.ts';
import { presentAssignees, presentAssignment } from '../projects/assignment.presenter.ts';
import { assignmentOf } from '../projects/assignment.ts';
import type { Project } from '../projects/project.ts';

export interface TogetherInput {
  project: Project;
  page: PageSummary;
  personId: string;
  mayChange: boolean;
  mayEdit: boolean;
  now: Date;
  /** The names of others who have the page open. */
  others?: string[];
}

/** The model of `pages/together` and, of what changes while the page is open, of `pages/together-now`. */
export function presentTogether(input: TogetherInput) {
  const { project, page, personId, mayChange, mayEdit, now, others = [] } = input;
  const assignment = assignmentOf(project, page);
  const url = pageUrl(project, page);
  return {
    url,
    assignment: assignment && {
      ...presentAssignment(assignment, { personId, now }),
      /** Whether the page itself is assigned, and not the whole project. */
      isOfPage: assignment === page.assignment,
    },
    assignees: mayEdit ? presentAssignees(project, personId) : [],
    claim: presentClaim(page, personId, now),
    mayChange,
    mayEdit,
    others,
    /** The page is followed while it is ready or failed; before that, all of it is. */
    isWatched: page.status === 'ready' || page.status === 'failed',
  };
}

/** A person's own claim that has expired is still theirs until someone else claims the page. */
function presentClaim({ reviewClaim, reviewedAt }: PageSummary, personId: string, now: Date) {
  if (!reviewClaim || reviewedAt) return undefined;
  const isMine = reviewClaim.id === personId;
  return isMine || isHeld(reviewClaim, now) ? { isMine, name: reviewClaim.name } : undefined;
}

const isHeld = ({ until }: ReviewClaim, now: Date) => until > now.toISOString();
