// Presents one page: its image with the words' boxes, and its lines, to be read and corrected.
import { ulid as makeUlid } from 'ulid';
import { countOf, formatCount, formatFileName } from '../http/formatting.ts';
import { formatTime } from '../http/times.ts';
import { failureOf, imageVersion, pageUrl, pillOf } from '../pages/page.presenter.ts';
import type { Page } from '../pages/page.ts';
import { isRetryable } from '../pages/retryable.ts';
import { normalizeRotation } from '../pages/turning.ts';
import { projectUrl } from '../projects/project.presenter.ts';
import type { Project } from '../projects/project.ts';
import { takeTurns } from '../runtime/short-turns.ts';
import { isToCheck, type ReviewedLine, type ReviewedWord, textOfLine } from '../text/corrections.ts';
import { isDoubtful, type Polygon } from '../text/detected-text.ts';
import type { LineConflict } from '../text/line-conflict.error.ts';
import { lastStepOf } from '../text/review.ts';

export interface ReviewInput {
  project: Project;
  page: Page;
  /** All pages of the project, in order. */
  pages: { id: string; doubtfulCount?: number }[];
  /** With corrections applied. Set once the page is ready. */
  lines?: ReviewedLine[];
  mayChange: boolean;
  /** The viewer. */
  personId: string;
  now: Date;
  /** The id of the line whose form is open, in browsers without script. */
  editing?: string | undefined;
  /** The search that led here, and its hits in the lines. */
  searched?: SearchedFor | undefined;
  /** Lines that someone else changed in the meantime. */
  conflicts?: ShownConflict[];
  /** The person wants to mark the page as reviewed although words are unchecked. */
  asksToMark?: boolean;
  /** The form of a new line is open, in browsers without script. */
  isAdding?: boolean;
  /** The result of the last action, in browsers without script. */
  notice?: string | undefined;
}

interface SearchedFor {
  q: string;
  scope: 'mine' | 'all';
  /** The search as a query string, so that the next page is marked too: "?q=…". */
  query: string;
  /** By line id. */
  found: Map<string, { start: number; end: number }[]>;
}

/** With the polygon of a line added by hand, which may have been removed. */
type ShownConflict = LineConflict & { polygon?: Polygon | undefined };

/** The model of `pages/review`. */
export function presentReview(input: ReviewInput, presented = [...eachLine(input)]) {
  const { project, page, pages, mayChange, now, searched } = input;
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
    rotateTo: { left: normalizeRotation(page.rotation - 90), right: normalizeRotation(page.rotation + 90) },
    lineCount: lines.length,
    personId: input.personId,
    newLineId: `m${makeUlid(now.getTime())}`,
    isAdding: input.isAdding ?? false,
    asksToMark: input.asksToMark ?? false,
    sourceNote: describeText(page),
    failure: page.status === 'failed' ? failureOf(page) : undefined,
    mayRetry: isRetryable(page),
    notice: input.notice,
    mayChange,
  };
}

/** How many words of the page are marked as found. */
function describeMatches(lines: { parts: { found?: boolean }[] }[]): string {
  const count = lines.reduce((sum, { parts }) => sum + parts.filter(({ found }) => found).length, 0);
  if (count === 0) return 'No words on this page match';
  return `${countOf(count, 'word')} on this page ${count === 1 ? 'matches' : 'match'}`;
}

/** Explains why the text of a PDF page with its own text comes from text detection. */
function describeText({ source }: Page): string | undefined {
  if (!source?.hadText) return undefined;
  return `Page ${source.page} of the file has its own text. The text shown here was detected from the image, so that both match.`;
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

type PresentedLine = ReturnType<typeof presentLine>;

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

/** What is left to check on this page and on others, and the next such page. */
export function presentCheck(
  {
    project,
    page,
    pages,
    lines = [],
    searched,
  }: Pick<ReviewInput, 'project' | 'page' | 'pages' | 'lines' | 'searched'>,
  index = pages.findIndex((other) => other.id === page.id),
) {
  const open =
    page.status === 'ready' && !page.reviewedAt ? lines.filter((line) => line.words.some(isToCheck)) : [];
  const here = open.reduce((count, line) => count + line.words.filter(isToCheck).length, 0);
  const others = [...pages.slice(index + 1), ...pages.slice(0, Math.max(index, 0))].filter(
    (other) => (other.doubtfulCount ?? 0) > 0 && other.id !== page.id,
  );
  const elsewhere = others.reduce((count, other) => count + (other.doubtfulCount ?? 0), 0);
  const urlOf = (other: { id: string } | undefined, which: string) =>
    other && `${pageUrl(project, other)}${searched ? `${searched.query}&` : '?'}check=${which}`;
  return {
    here,
    elsewhere,
    text: here > 0 ? `${countOf(here, 'word')} to check` : undefined,
    elsewhereText: elsewhere > 0 ? `${countOf(elsewhere, 'word')} to check on other pages` : undefined,
    elsewhereShort: `${formatCount(elsewhere)} on other pages`,
    nextLineUrl:
      open[0] &&
      `${pageUrl(project, page)}${searched ? `${searched.query}&` : '?'}edit=${open[0].id}#line-${lines.indexOf(open[0]) + 1}`,
    nextUrl: urlOf(others[0], 'first'),
    previousUrl: urlOf(others.at(-1), 'last'),
    nextNumber: others[0] && pages.indexOf(others[0]) + 1,
  };
}

type ReviewState = 'under way' | 'failed' | 'empty' | 'ready';

/** For screen readers. */
function describeState(state: ReviewState, lineCount: number): string {
  return {
    'under way': 'Processing this page.',
    failed: 'This page couldn’t be read.',
    empty: 'No text found on this page.',
    ready: `Text ready: ${countOf(lineCount, 'line')}.`,
  }[state];
}

function stateOf(page: Page, lineCount: number): ReviewState {
  if (page.status === 'failed') return 'failed';
  if (page.status !== 'ready') return 'under way';
  return lineCount === 0 ? 'empty' : 'ready';
}

interface Part {
  text: string;
  /** Shown on hover: the detection's confidence, or the detected text. */
  hint?: string | undefined;
  doubtful: boolean;
  /** Whether it contains a search hit. */
  found?: boolean;
  corrected?: boolean;
  /** Links it to its box. */
  word?: string;
  /** The word as the server knows it; absent on what a person wrote. */
  id?: string | undefined;
}

interface LineContext {
  found: { start: number; end: number }[];
  isFirstFound: boolean;
  page: Page;
  mayChange: boolean;
  isEditing: boolean;
  conflict: ShownConflict | undefined;
}

function presentLine(
  line: ReviewedLine,
  number: number,
  { page, found, isFirstFound, mayChange, isEditing, conflict }: LineContext,
) {
  const { width = 0, height = 0 } = page;
  const isOpen = (word: ReviewedWord) => !page.reviewedAt && isToCheck(word);
  const parts = markFound(partsOf(line, number, isOpen), found);
  const foundWords = new Set(parts.flatMap(({ found, word }) => (found && word ? [word] : [])));
  return {
    id: line.id,
    number,
    text: textOfLine(line),
    detected: line.text,
    corrected: line.corrected !== undefined,
    was: line.corrected === undefined || line.added ? undefined : describeReplaced(line),
    added: line.added ? { polygon: JSON.stringify(line.polygon) } : undefined,
    parts,
    isFirstFound,
    boxes: line.words.map((word, place) => ({
      word: `${number}-${place + 1}`,
      points: pointsOf(word.polygon, width, height),
      doubtful: isOpen(word),
      found: foundWords.has(`${number}-${place + 1}`),
    })),
    toCheck: line.words.flatMap((word) =>
      isOpen(word) && word.id ? [{ id: word.id, text: word.text }] : [],
    ),
    hasAccepted: line.words.some((word) => word.accepted),
    mayChange,
    isEditing: mayChange && isEditing,
    conflict:
      mayChange && conflict
        ? {
            theirs: conflict.text,
            yours: conflict.wanted,
            ...(line.added ? { polygon: JSON.stringify(line.polygon) } : {}),
          }
        : undefined,
  };
}

/** The id that the server knows; missing on words that a person wrote. */
function partsOf(line: ReviewedLine, number: number, isOpen: (word: ReviewedWord) => boolean): Part[] {
  const text = textOfLine(line);
  const parts: Part[] = [];
  let end = 0;
  for (const [place, word] of line.words.entries()) {
    const start = word.text === '' ? -1 : text.indexOf(word.text, end);
    if (start < 0) continue;
    if (start > end) parts.push({ text: text.slice(end, start), doubtful: false });
    parts.push({
      text: word.text,
      doubtful: isOpen(word),
      hint: hintOf(word, line.added === true),
      word: `${number}-${place + 1}`,
      ...(word.id ? { id: word.id } : {}),
      ...(word.detected === undefined ? {} : { corrected: true }),
    });
    end = start + word.text.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), doubtful: false });
  return parts;
}

/** Marks whole words, even when only their beginning was searched for. */
function markFound(parts: Part[], found: { start: number; end: number }[]): Part[] {
  const spans = found.toSorted((one, other) => one.start - other.start);
  let at = 0;
  let next = 0;
  let foundUntil = 0;
  return parts.map((part) => {
    const start = at;
    at += part.text.length;
    for (; (spans[next]?.start ?? at) < at; next += 1)
      foundUntil = Math.max(foundUntil, spans[next]?.end ?? 0);
    return part.word !== undefined && foundUntil > start ? { ...part, found: true } : part;
  });
}

function hintOf(word: ReviewedWord, isAdded: boolean): string | undefined {
  if (isAdded) return undefined;
  if (word.detected !== undefined) return word.detected ? `Detected: “${word.detected}”` : 'Not detected';
  if (!isDoubtful(word)) return undefined;
  const sure = `Detected with ${Math.round(word.confidence)} % confidence`;
  return word.accepted ? `${sure}, accepted` : sure;
}

/** The detected words that were replaced; all words when some were only added. */
function describeReplaced(line: ReviewedLine): string {
  const kept = new Set(line.words.flatMap(({ id }) => id ?? []));
  const gone = line.text.split(' ').filter((_, place) => !kept.has(`${line.id}.${place + 1}`));
  return gone.length > 0 ? gone.join(' ') : line.text;
}

/** A polygon in the image's pixels, as SVG's `points`. */
function pointsOf(polygon: Polygon, width: number, height: number): string {
  return polygon.map(({ x, y }) => `${(x * width).toFixed(1)},${(y * height).toFixed(1)}`).join(' ');
}
