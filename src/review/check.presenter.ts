import { countOf, formatCount } from '../http/formatting.ts';
import { pageUrl } from '../pages/page.presenter.ts';
import type { Page } from '../pages/page.ts';
import type { Project } from '../projects/project.ts';
import { unsurePlaces, writePlaces } from '../text/acceptance.ts';
import { isToCheck, type ReviewedLine } from '../text/corrections.ts';
import type { SearchedFor } from './review-search.ts';

export interface CheckInput {
  project: Project;
  page: Page;
  /** All pages of the project, in order. */
  pages: { id: string; doubtfulCount?: number }[];
  /** With corrections applied. Set once the page is ready. */
  lines?: ReviewedLine[];
  /** The search that led here, and its hits in the lines. */
  searched?: SearchedFor | undefined;
}

/** What is left to check on this page and on others, and the next such page. */
export function presentCheck(
  { project, page, pages, lines = [], searched }: CheckInput,
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
    /** The unsure words as a form's field. */
    words: writePlaces(unsurePlaces(open)),
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
