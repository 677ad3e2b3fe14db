// The cards of a project's pages. One page and its text: review.presenter.ts.
import { countOf, formatCount, formatFileName, type Pill } from '../http/formatting.ts';
import { nameOf } from '../projects/assignment.presenter.ts';
import { isAssignable } from '../projects/assignment.ts';
import { projectUrl } from '../projects/project.presenter.ts';
import type { Project } from '../projects/project.ts';
import { type DeletedPage, isFinal, otherSourceOf, type Page, type PageSummary } from './page.ts';
import { isRetryable } from './retryable.ts';

export interface PagesFragmentInput {
  project: Pick<Project, 'id' | 'ownerId' | 'members'>;
  /** In order: a page's number is its rank. */
  pages: PageSummary[];
  mayChange: boolean;
  /** Whether to show what image moderation found. */
  isAdministrator?: boolean;
  /** Pages that can be restored. */
  deleted?: DeletedPage[];
  now?: Date;
}

/** How long, and how many, deletions are shown above the pages. */
const announceMs = 10 * 60_000;
const maxAnnounced = 3;
const recentMs = 5000;
/** More failed pages than this are collapsed. */
const failedShown = 4;

/** The model of `projects/status`: failed pages and the grid of pages. */
export function presentPagesFragment(input: PagesFragmentInput) {
  const { project, pages, mayChange, isAdministrator = false, deleted = [], now = new Date() } = input;
  const cards = pages.map((page, index) => presentCard(project, page, index + 1));
  const inFlight = pages.filter((page) => !isFinal(page)).length;
  const deletions = mayChange ? presentDeletions(deleted, now) : [];
  const isTold = ({ at }: { at: string }, place: number) =>
    place < maxAnnounced && now.getTime() - Date.parse(at) < announceMs;
  const earlierDeletions = deletions.filter((deletion, place) => !isTold(deletion, place));
  const failed = pages.flatMap((page, index) =>
    page.status === 'failed' ? [presentFailed(project, page, index + 1, isAdministrator)] : [],
  );
  const retryableIds = failed.filter(({ mayRetry }) => mayRetry).map(({ id }) => id);
  return {
    cards,
    failed: failed.length > failedShown + 1 ? failed.slice(0, failedShown) : failed,
    moreFailed: failed.length > failedShown + 1 ? failed.slice(failedShown) : [],
    failedText: countOf(failed.length, 'page'),
    retryableIds,
    retryText:
      retryableIds.length === failed.length ? 'Retry all' : `Retry ${countOf(retryableIds.length, 'page')}`,
    moreFailedText: `${formatCount(Math.max(0, failed.length - failedShown))} more failed`,
    deletions: deletions.filter(isTold),
    earlierDeletions,
    earlierDeletionsCount: formatCount(earlierDeletions.length),
    inFlight,
    hasAssigned: cards.some(({ assignedTo }) => assignedTo !== ''),
    hasPdfText: cards.some(({ otherSource }) => otherSource?.name === 'ocr'),
    hasUnusedText: cards.some(({ otherSource }) => otherSource?.name === 'pdf-text'),
    hasTilt: cards.some(({ straighten }) => straighten === 'straighten'),
    announcement: announce(pages, inFlight),
    mayChange,
  };
}

function presentCard(project: PagesFragmentInput['project'], page: PageSummary, number: number) {
  return {
    id: page.id,
    number: formatCount(number),
    url: pageUrl(project, page),
    thumbnailUrl: page.thumbnailKey ? thumbnailUrl(project, page) : undefined,
    pill: pillOf(page),
    fileName: formatFileName(page.fileName),
    isUnderWay: !isFinal(page),
    isTurned: page.turnedFrom !== undefined,
    language: page.status === 'ready' ? page.language : undefined,
    /** Empty where it is left to the project's assignee. */
    assignedTo: page.assignment && isAssignable(project, page.assignment.id) ? nameOf(page.assignment) : '',
    straighten: straightenOf(page),
    otherSource: presentOtherSource(page),
    words: page.status === 'ready' ? (page.preview ?? '') : formatFileName(page.fileName),
  };
}

/** What the page's menu offers: `undefined` where no tilt was found. */
export function straightenOf({ tilt, straightened }: PageSummary): 'straighten' | 'undo' | undefined {
  if (straightened !== undefined) return 'undo';
  return tilt === undefined ? undefined : 'straighten';
}

/** The other way to get the text of a page whose PDF has it. */
export function presentOtherSource(page: PageSummary) {
  const name = otherSourceOf(page);
  return name && { name, label: sourceLabels[name] };
}

const sourceLabels = { ocr: 'Read as an image instead', 'pdf-text': 'Use the PDF’s own text' };

/** Newest first. Pages that were deleted together are restored together. */
function presentDeletions(deleted: DeletedPage[], now: Date) {
  const deletions = Map.groupBy(deleted, ({ deletionId }) => deletionId);
  return [...deletions]
    .sort(([one], [other]) => (one < other ? 1 : -1))
    .map(([id, pages]) => ({
      id,
      at: pages[0]?.deletedAt ?? '',
      text: describeDeletion(
        pages.map(({ deletedNumber }) => deletedNumber).sort((one, other) => one - other),
      ),
      /** Whether the person just did it; then it is announced. */
      isRecent: now.getTime() - Date.parse(pages[0]?.deletedAt ?? '') < recentMs,
    }));
}

function describeDeletion(numbers: number[]): string {
  if (numbers.length === 1) return `Page ${formatCount(numbers[0] ?? 0)} was deleted.`;
  if (numbers.length > 6) return `${countOf(numbers.length, 'page')} were deleted.`;
  const said = numbers.map(formatCount);
  return `Pages ${said.slice(0, -1).join(', ')} and ${said.at(-1)} were deleted.`;
}

function presentFailed(
  project: Pick<Project, 'id'>,
  page: PageSummary,
  number: number,
  isAdministrator: boolean,
) {
  return {
    id: page.id,
    number,
    url: pageUrl(project, page),
    fileName: formatFileName(page.fileName),
    message: failureOf(page),
    /** Empty for all but administrators, and where nothing was found. */
    moderation: isAdministrator ? describeModeration(page) : '',
    mayRetry: isRetryable(page),
    retryUrl: `${pageUrl(project, page)}/retry`,
    replaceUrl: `${pageUrl(project, page)}/replace`,
  };
}

/** "Graphic Violence (98%), Violence (98%)" */
function describeModeration({ moderationLabels = [] }: Pick<Page, 'moderationLabels'>): string {
  return moderationLabels.map(({ name, confidence }) => `${name} (${confidence}%)`).join(', ');
}

export function failureOf(page: Pick<Page, 'failure'>): string {
  return page.failure?.message ?? 'The page failed for an unknown reason. Try again.';
}

export function pillOf(page: Pick<Page, 'status' | 'doubtfulCount' | 'wordCount' | 'reviewedAt'>): Pill {
  switch (page.status) {
    case 'uploaded':
      return { tone: 'quiet', text: 'waiting' };
    case 'preparing':
      return { tone: 'quiet', text: 'preparing…' };
    case 'detecting':
      return { tone: 'quiet', text: 'reading…' };
    case 'failed':
      return { tone: 'failed', text: 'failed' };
    case 'ready':
      if (page.reviewedAt) return { tone: 'good', text: 'reviewed' };
      if (page.doubtfulCount) return { tone: 'doubt', text: `${formatCount(page.doubtfulCount)} to check` };
      return page.wordCount === 0 ? { tone: 'quiet', text: 'no text' } : { tone: 'good', text: 'ready' };
  }
}

function announce(pages: PageSummary[], inFlight: number): string {
  const failed = pages.filter((page) => page.status === 'failed').length;
  const parts = [`${countOf(pages.length - inFlight - failed, 'page')} ready`];
  if (inFlight > 0) parts.push(`${formatCount(inFlight)} processing`);
  if (failed > 0) parts.push(`${formatCount(failed)} failed`);
  return `${parts.join(', ')}.`;
}

export function pageUrl(project: { id: string }, page: { id: string }): string {
  return `${projectUrl(project)}/pages/${page.id}`;
}

/** Identifies an image's content: the URL changes with it, and the image matches polygons of the same rotation. */
export function imageVersion({ revision, rotation, straightened }: PictureVersion): string {
  if (rotation === undefined) return `r=${revision}`;
  const tilt = straightened ? `&straightened=true&tilt=${straightened}` : '';
  return `r=${revision}&rotation=${rotation}${tilt}`;
}

interface PictureVersion {
  revision: number;
  rotation?: number;
  straightened?: number;
}

export function thumbnailUrl(project: { id: string }, page: PictureVersion & { id: string }): string {
  return `${pageUrl(project, page)}/thumbnail?${imageVersion(page)}`;
}
