// The search that led to a page, whose hits are marked in its lines.
import type { Page } from '../pages/page.ts';
import { takeTurns } from '../runtime/short-turns.ts';
import { searchQueryOf } from '../search/search.presenter.ts';
import { findInLine, queryIn, readQuery as readSearch, type Span, splitOver } from '../search/words.ts';
import { type ReviewedLine, textOfLine } from '../text/corrections.ts';

export interface SearchedFor {
  q: string;
  scope: 'mine' | 'all';
  /** The search as a query string, so that the next page is marked too: "?q=…". */
  query: string;
  /** By line id. */
  found: Map<string, Span[]>;
}

/** The search that led to the page, if any. */
export function readSearchOf({ q, scope }: Record<string, unknown>) {
  if (typeof q !== 'string' || q.trim() === '') return undefined;
  const whose = scope === 'all' ? 'all' : 'mine';
  const query = searchQueryOf(q, whose);
  return { q: q.toWellFormed().slice(0, 200), scope: whose, query } as const;
}

/** The same with its hits in the lines. */
export async function findInLines(
  parameters: Record<string, unknown>,
  { language }: Pick<Page, 'language'>,
  lines: ReviewedLine[],
): Promise<SearchedFor | undefined> {
  const searched = readSearchOf(parameters);
  if (!searched) return undefined;
  const query = queryIn(language, readSearch(searched.q));
  const takeTurn = takeTurns();
  const found = new Map<string, Span[]>();
  const shown = lines.filter((line) => textOfLine(line) !== '');
  let carried: Span[] = [];
  for (const [at, line] of shown.entries()) {
    await takeTurn();
    const [text, next] = [textOfLine(line), shown[at + 1]];
    const parts = splitOver(text, findInLine(text, query, next && textOfLine(next)).flat());
    found.set(line.id, [...carried, ...parts.here]);
    carried = parts.next;
  }
  return { ...searched, found };
}
