import { countOf, formatCount, formatFileName } from '../http/formatting.ts';
import { pageUrl, thumbnailUrl } from '../pages/page.presenter.ts';
import { presentAssignment } from '../projects/assignment.presenter.ts';
import { projectUrl } from '../projects/project.presenter.ts';
import type { QueuedPage } from './queued-page.ts';

interface QueueInput {
  items: QueuedPage[];
  /** Of the next page of the queue. */
  cursor?: string;
  isFirst: boolean;
  personId: string;
  now: Date;
  notice?: string | undefined;
}

/** The model of `review/queue`. */
export function presentReviewQueue({ items, cursor, isFirst, personId, now, notice }: QueueInput) {
  const rows = items.map(({ project, page, number, assignment, claim }) => ({
    id: page.id,
    url: pageUrl(project, page),
    claimUrl: `${pageUrl(project, page)}/claim`,
    thumbnailUrl: page.thumbnailKey ? thumbnailUrl(project, page) : '',
    title: number ? `Page ${formatCount(number)}` : formatFileName(page.fileName),
    project: { name: project.name, url: projectUrl(project) },
    toCheck: page.doubtfulCount ? `${formatCount(page.doubtfulCount)} to check` : '',
    assignment: presentAssignment(assignment, { personId, now }),
    claimedBy: claim && claim.id !== personId ? claim.name : '',
    isYours: claim?.id === personId,
  }));
  const free = rows.filter(({ claimedBy }) => claimedBy === '').length;
  return {
    rows,
    isFirst,
    notice: notice ?? '',
    found: describeCount(rows.length, free, { isFirst, isCut: cursor !== undefined }),
    mayStart: free > 0 || cursor !== undefined || !isFirst,
    isContinued: rows.some(({ isYours }) => isYours),
    nextUrl: cursor === undefined ? '' : `/review?cursor=${encodeURIComponent(cursor)}`,
  };
}

function describeCount(
  count: number,
  free: number,
  { isFirst, isCut }: { isFirst: boolean; isCut: boolean },
) {
  if (count === 0) return '';
  const others = count - free;
  const claimed =
    others > 0 ? `, ${formatCount(others)} claimed by ${others === 1 ? 'a colleague' : 'colleagues'}` : '';
  if (isCut)
    return `The first ${countOf(count, 'page')}${claimed}`.replace(
      'The first',
      isFirst ? 'The oldest' : 'The next',
    );
  return `${isFirst ? '' : 'The last '}${countOf(count, 'page')}${claimed}`;
}

export const queueNotices = {
  released: 'Page released.',
  done: 'Marked as reviewed. No other page is free.',
  'none-free': 'No page is free: your colleagues are reviewing them.',
};

/** Where a person goes on after a page of the queue. */
export const nextInQueueUrl = (
  next: { projectId: string; id: string } | undefined,
  otherwise: keyof typeof queueNotices,
) =>
  next
    ? pageUrl({ id: next.projectId }, next) + (otherwise === 'done' ? '?notice=next' : '')
    : `/review?notice=${otherwise}`;
