import type { Hit } from './hit.ts';
import { findInLine, markParts, type Query, type Span, splitOver } from './words.ts';

/** The best line of a text that contains every term. */
export async function findInText(
  text: string,
  query: Query,
  takeTurn: () => Promise<void>,
): Promise<Pick<Hit, 'line' | 'moreLines'> | undefined> {
  const lines: { line: string; found: Span[][] }[] = [];
  const all = text.split('\n');
  for (const [at, line] of all.entries()) {
    await takeTurn();
    const found = findInLine(line, query, all[at + 1]);
    lines.push({ line, found: found.map((spans) => splitOver(line, spans).here) });
  }
  if (!query.terms.every((_, term) => lines.some(({ found }) => found[term]?.length))) return undefined;
  const holding = lines
    .map(({ line, found }) => ({ line, found, count: found.filter((spans) => spans.length > 0).length }))
    .filter(({ count }) => count > 0);
  const [best] = holding.toSorted((one, other) => other.count - one.count);
  return best && { line: shorten(markParts(best.line, best.found.flat())), moreLines: holding.length - 1 };
}

/** Shortens a very long line to the hits and some text around them. */
function shorten(parts: Hit['line']): Hit['line'] {
  const around = 80;
  return parts.slice(0, 40).map((part, at) => {
    if (part.found || part.text.length <= 2 * around) return part;
    const before = at === 0 ? '' : part.text.slice(0, around).toWellFormed();
    const after = at === parts.length - 1 ? '' : part.text.slice(-around).toWellFormed();
    return { ...part, text: `${before}…${after}` };
  });
}
