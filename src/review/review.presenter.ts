// Presents one page: its image with the words' boxes, and its lines, to be read and corrected.
import { ulid as makeUlid } from 'ulid';
import { countOf, formatCount, formatFileName } from '../http/formatting.ts';
import { formatTime } from '../http/times.ts';
import {
  failureOf,
  imageVersion,
  pageUrl,
  pillOf,
  presentOtherSource,
  straightenOf,
} from '../pages/page.presenter.ts';
import type { Page } from '../pages/page.ts';
import { hasWork } from '../pages/page-work.ts';
import { isRetryable } from '../pages/retryable.ts';
import { projectUrl } from '../projects/project.presenter.ts';
import { takeTurns } from '../runtime/short-turns.ts';
import type { ReviewedLine } from '../text/corrections.ts';
import type { Polygon } from '../text/detected-text.ts';
import { lastStepOf } from '../text/review-steps.ts';
import { normalizeRotation } from '../text/rotated-polygons.ts';
import { type CheckInput, presentCheck } from './check.presenter.ts';
import { type PresentedLine, presentLine, type ShownConflict } from './review-line.presenter.ts';
import { presentTogether } from './together.presenter.ts';

export interface ReviewInput extends CheckInput {
  /** Whether the viewer may correct and add lines, and mark the page reviewed. */
  mayChange: boolean;
  /** Whether they may also turn, replace and delete the page. */
  mayEdit: boolean;
  /** The viewer. */
  personId: string;
  now: Date;
  /** The id of the line whose form is open, in browsers without script. */
  editing?: string | undefined;
  /** Lines that someone else changed in the meantime. */
  conflicts?: ShownConflict[];
  /** The person wants to mark the page as reviewed although words are unchecked. */
  asksToMark?: boolean;
  /** The form of a new line is open, in browsers without script. */
  isAdding?: boolean;
  /** The result of the last action, in browsers without script. */
  notice?: string | undefined;
}

/** The model of `pages/review`. */
export function presentReview(input: ReviewInput, presented = [...eachLine(input)]) {
  const { project, page, pages, mayChange, mayEdit, now, searched } = input;
  const index = pages.findIndex((other) => other.id === page.id);
  const previous = pages[index - 1];
  const next = index < 0 ? undefined : pages[index + 1];
  const width = page.width ?? 0;
  const height = page.height ?? 0;
  const lines = page.status === 'ready' ? (input.lines ?? []) : [];
  const state = stateOf(page, lines.length);
  return {
    project: { name: project.name, url: projectUrl(project) },
    number: index + 1,
    count: pages.length,
    heading: `Page ${formatCount(index + 1)} of ${formatCount(pages.length)}`,
    url: pageUrl(project, page),
    revision: page.revision,
    fileName: formatFileName(page.fileName),
    previousUrl: previous && `${pageUrl(project, previous)}${searched?.query ?? ''}`,
    nextUrl: next && `${pageUrl(project, next)}${searched?.query ?? ''}`,
    q: searched?.q ?? '',
    scope: searched?.scope ?? 'mine',
    query: searched?.query ?? '',
    found: searched && describeMatches(presented),
    state,
    statusText: pillOf(page).text,
    announcement: describeState(state, lines.length),
    image:
      page.imageKey && width > 0 && height > 0
        ? { url: `${pageUrl(project, page)}/image?${imageVersion(page)}`, width, height }
        : undefined,
    lines: presented,
    check: presentCheck(input, index),
    reviewed: page.reviewedAt
      ? { by: page.reviewedBy ?? 'someone', when: formatTime(page.reviewedAt, now) }
      : undefined,
    canUndo: lastStepOf(page.steps ?? [], input.personId) !== undefined,
    rotation: page.rotation,
    turned: presentTurn(page),
    straighten: straightenOf(page),
    straightened: page.straightened !== undefined,
    rotateTo: { left: normalizeRotation(page.rotation - 90), right: normalizeRotation(page.rotation + 90) },
    lineCount: lines.length,
    together: presentTogether(input),
    personId: input.personId,
    newLineId: `m${makeUlid(now.getTime())}`,
    isAdding: input.isAdding ?? false,
    asksToMark: input.asksToMark ?? false,
    sourceNote: describeText(page),
    otherSource: mayEdit ? presentOtherSource(page) : undefined,
    hasWork: hasWork(page),
    failure: page.status === 'failed' ? failureOf(page) : undefined,
    mayRetry: isRetryable(page),
    notice: input.notice,
    mayChange,
    mayEdit,
  };
}

/** How many words of the page are marked as found. */
function describeMatches(lines: { parts: { found?: boolean }[] }[]): string {
  const count = lines.reduce((sum, { parts }) => sum + parts.filter(({ found }) => found).length, 0);
  if (count === 0) return 'No words on this page match';
  return `${countOf(count, 'word')} on this page ${count === 1 ? 'matches' : 'match'}`;
}

/** For pages that Paperlift rotated by their text: what undoes it. */
function presentTurn({ rotation, turnedFrom }: Page) {
  if (turnedFrom === undefined || turnedFrom === rotation) return undefined;
  return { from: turnedFrom, by: normalizeRotation(turnedFrom - rotation) };
}

/** Where the text of a page of a PDF with text of its own comes from. */
function describeText({ status, source, textSource }: Page): string | undefined {
  if (!source?.hadText || status !== 'ready') return undefined;
  if (textSource === 'pdf-text') return 'Text from the PDF.';
  return `Read from the image, although page ${source.page} of the file has text of its own.`;
}

/** The lines alone. Other requests are answered in between, since a page may have thousands of words. */
export async function presentLines(input: ReviewInput): Promise<PresentedLine[]> {
  const takeTurn = takeTurns();
  const presented: PresentedLine[] = [];
  for (const line of eachLine(input)) {
    await takeTurn();
    presented.push(line);
  }
  return presented;
}

function* eachLine({
  page,
  lines = [],
  mayChange,
  conflicts = [],
  editing,
  searched,
}: ReviewInput): Generator<PresentedLine> {
  if (page.status !== 'ready') return;
  let foundBefore = false;
  for (const [at, line] of [...lines, ...linesGone(lines, conflicts)].entries()) {
    const conflict = conflicts.find(({ id }) => id === line.id);
    const found = searched?.found.get(line.id) ?? [];
    const isFirstFound: boolean = !foundBefore && found.length > 0;
    foundBefore ||= isFirstFound;
    yield presentLine(line, at + 1, {
      page,
      found,
      isFirstFound,
      mayChange,
      isEditing: editing === line.id && !conflict,
      conflict,
    });
  }
}

/** Lines added by hand that one person removed while another changed them; the other person decides. */
function linesGone(lines: ReviewedLine[], conflicts: ShownConflict[]): ReviewedLine[] {
  return conflicts
    .filter(({ id, polygon }) => polygon && !lines.some((line) => line.id === id))
    .map(({ id, polygon }) => ({
      id,
      text: '',
      corrected: '',
      added: true,
      confidence: 100,
      polygon: polygon as Polygon,
      words: [],
    }));
}

type ReviewState = 'under way' | 'failed' | 'empty' | 'ready';

/** For screen readers. */
function describeState(state: ReviewState, lineCount: number): string {
  return {
    'under way': 'Processing this page.',
    failed: 'This page couldn’t be read.',
    empty: 'No text was found on this page.',
    ready: `Text ready: ${countOf(lineCount, 'line')}.`,
  }[state];
}

function stateOf(page: Page, lineCount: number): ReviewState {
  if (page.status === 'failed') return 'failed';
  if (page.status !== 'ready') return 'under way';
  return lineCount === 0 ? 'empty' : 'ready';
}
