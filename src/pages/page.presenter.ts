// What the views of pages show: the cards of a project, and one page beside its text.
import { countOf, formatCount, type Pill, projectUrl, sayFileName } from '../projects/project.presenter.ts';
import type { Project } from '../projects/project.ts';
import { type DetectedLine, type Detection, isDoubtful, type Polygon } from './detected-text.ts';
import { isFinal, type Page, type PageSummary } from './page.ts';

export interface PagesFragmentInput {
  project: Pick<Project, 'id'>;
  /** In their order: a page's number is its place. */
  pages: PageSummary[];
  mayChange: boolean;
}

/** A project's failed pages and its grid of pages, as `projects/status` shows them. */
export function presentPagesFragment({ project, pages, mayChange }: PagesFragmentInput) {
  const cards = pages.map((page, index) => presentCard(project, page, index + 1));
  const underWay = pages.filter((page) => !isFinal(page)).length;
  return {
    cards,
    failed: pages.flatMap((page, index) =>
      page.status === 'failed' ? [presentFailed(project, page, index + 1)] : [],
    ),
    underWay,
    announcement: announce(pages, underWay),
    mayChange,
  };
}

function presentCard(project: Pick<Project, 'id'>, page: PageSummary, number: number) {
  return {
    id: page.id,
    number,
    url: pageUrl(project, page),
    thumbnailUrl: page.thumbnailKey ? thumbnailUrl(project, page) : undefined,
    pill: pillOf(page),
    words: page.status === 'ready' ? (page.preview ?? '') : sayFileName(page.fileName),
  };
}

function presentFailed(project: Pick<Project, 'id'>, page: PageSummary, number: number) {
  return {
    id: page.id,
    number,
    url: pageUrl(project, page),
    fileName: sayFileName(page.fileName),
    message: failureOf(page),
    retryUrl: `${pageUrl(project, page)}/retry`,
  };
}

function failureOf(page: Pick<Page, 'failure'>): string {
  return page.failure?.message ?? 'The page could not be read, and nothing says why. Try again.';
}

function pillOf(page: Omit<Page, 'text'>): Pill {
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
      if (page.doubtfulCount) return { tone: 'doubt', text: `${formatCount(page.doubtfulCount)} to check` };
      return page.wordCount === 0 ? { tone: 'quiet', text: 'no text' } : { tone: 'good', text: 'ready' };
  }
}

function announce(pages: PageSummary[], underWay: number): string {
  const failed = pages.filter((page) => page.status === 'failed').length;
  const parts = [`${countOf(pages.length - underWay - failed, 'page')} ready`];
  if (underWay > 0) parts.push(`${formatCount(underWay)} being read`);
  if (failed > 0) parts.push(`${formatCount(failed)} failed`);
  return `${parts.join(', ')}.`;
}

export interface ReviewInput {
  project: Project;
  page: Page;
  /** All pages of the project in their order. */
  pages: { id: string }[];
  /** There once the page is ready. */
  detection?: Detection;
  mayChange: boolean;
}

/** One page: its image with the words' boxes, and its lines, as `pages/review` shows them. */
export function presentReview({ project, page, pages, detection, mayChange }: ReviewInput) {
  const index = pages.findIndex((other) => other.id === page.id);
  const previous = pages[index - 1];
  const next = index < 0 ? undefined : pages[index + 1];
  const width = page.width ?? 0;
  const height = page.height ?? 0;
  const lines = page.status === 'ready' ? (detection?.lines ?? []) : [];
  const presented = lines.map((line, at) => presentLine(line, at + 1, page.corrections?.[line.id]));
  const boxes = lines.flatMap((line, at) =>
    line.words.map((word, place) => ({
      line: at + 1,
      word: `${at + 1}-${place + 1}`,
      points: pointsOf(word.polygon, width, height),
      doubtful: isDoubtful(word) && page.corrections?.[line.id] === undefined,
    })),
  );
  const doubtful = boxes.filter((box) => box.doubtful).length;
  const state = stateOf(page, presented.length);
  return {
    project: { name: project.name, url: projectUrl(project) },
    number: index + 1,
    count: pages.length,
    url: pageUrl(project, page),
    fileName: sayFileName(page.fileName),
    previousUrl: previous && pageUrl(project, previous),
    nextUrl: next && pageUrl(project, next),
    state,
    statusText: pillOf(page).text,
    announcement: sayState(state, presented.length),
    image:
      page.imageKey && width > 0 && height > 0
        ? { url: `${pageUrl(project, page)}/image?r=${page.revision}`, width, height }
        : undefined,
    boxes,
    lines: presented,
    toCheck: doubtful > 0 ? `${countOf(doubtful, 'word')} to check` : undefined,
    failure: page.status === 'failed' ? failureOf(page) : undefined,
    mayChange,
  };
}

type ReviewState = 'under way' | 'failed' | 'empty' | 'ready';

/** For those who do not see the page change. */
function sayState(state: ReviewState, lineCount: number): string {
  return {
    'under way': 'This page is being read.',
    failed: 'This page could not be read.',
    empty: 'No text was found on this page.',
    ready: `The text of this page is here: ${countOf(lineCount, 'line')}.`,
  }[state];
}

function stateOf(page: Page, lineCount: number): ReviewState {
  if (page.status === 'failed') return 'failed';
  if (page.status !== 'ready') return 'under way';
  return lineCount === 0 ? 'empty' : 'ready';
}

interface Part {
  text: string;
  /** On hover, of a doubtful word. */
  hint?: string;
  doubtful: boolean;
  word?: string;
}

/** A line cut into its words and what lies between them; the parts' texts together are the line's text. */
function presentLine(line: DetectedLine, number: number, correction: string | undefined) {
  if (correction !== undefined) {
    const parts: Part[] = [{ text: correction, doubtful: false }];
    return { number, text: correction, corrected: true, parts };
  }
  const parts: Part[] = [];
  let end = 0;
  for (const [place, word] of line.words.entries()) {
    const start = word.text === '' ? -1 : line.text.indexOf(word.text, end);
    if (start < 0) continue;
    if (start > end) parts.push({ text: line.text.slice(end, start), doubtful: false });
    const doubtful = isDoubtful(word);
    const hint = doubtful ? `Read with ${Math.round(word.confidence)} % confidence` : undefined;
    parts.push({ text: word.text, doubtful, hint, word: `${number}-${place + 1}` });
    end = start + word.text.length;
  }
  if (end < line.text.length) parts.push({ text: line.text.slice(end), doubtful: false });
  return { number, text: line.text, corrected: false, parts };
}

/** A polygon in the image's pixels, as SVG writes points. */
function pointsOf(polygon: Polygon, width: number, height: number): string {
  return polygon.map(({ x, y }) => `${(x * width).toFixed(1)},${(y * height).toFixed(1)}`).join(' ');
}

function pageUrl(project: { id: string }, page: { id: string }): string {
  return `${projectUrl(project)}/pages/${page.id}`;
}

/** Where a page's thumbnail is; the revision makes the address change with the image. */
export function thumbnailUrl(project: { id: string }, page: { id: string; revision: number }): string {
  return `${pageUrl(project, page)}/thumbnail?r=${page.revision}`;
}
