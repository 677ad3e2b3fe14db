import { cut } from './chunks.ts';
import type { Hit } from './hit.ts';
import { isNear } from './near.ts';
import { findInLine, markParts, type Query, type Span, splitOver } from './words.ts';

type Line = { line: string; found: Span[][] };
type Shown = Pick<Hit, 'line' | 'moreLines'>;

/**
 * The best line of a text that contains every term. Of what an engine `found` otherwise, a term may also be there with typing
 * errors, or as one of the words that the engine took for it.
 */
export async function findInText(
  text: string,
  query: Query,
  takeTurn: () => Promise<void>,
  found?: { words: Set<string> },
): Promise<Shown | undefined> {
  const lines: Line[] = [];
  const all = text.split('\n');
  for (const [at, line] of all.entries()) {
    await takeTurn();
    const found = findInLine(line, query, all[at + 1]);
    lines.push({ line, found: found.map((spans) => splitOver(line, spans).here) });
  }
  const missing = [...query.terms.keys()].filter((term) => !isIn(lines, term));
  if (missing.length > 0 && !(found && (await findOtherwise(lines, missing, query, takeTurn, found.words))))
    return undefined;
  const holding = lines
    .map(({ line, found }) => ({ line, found, count: found.filter((spans) => spans.length > 0).length }))
    .filter(({ count }) => count > 0);
  const [best] = holding.toSorted((one, other) => other.count - one.count);
  return best && { line: shorten(markParts(best.line, best.found.flat())), moreLines: holding.length - 1 };
}

const isIn = (lines: Line[], term: number) => lines.some(({ found }) => found[term]?.length);

/** Adds where the missing terms are with typing errors or in other forms. `false` where one of them is not there at all. */
async function findOtherwise(
  lines: Line[],
  missing: number[],
  { terms }: Query,
  takeTurn: () => Promise<void>,
  words: Set<string>,
): Promise<boolean> {
  if (missing.some((term) => terms[term]?.length !== 1)) return false; // a phrase is as it was typed, or not there
  for (const { line, found } of lines) {
    await takeTurn();
    for (const { forms, from, to } of cut(line)) {
      const here = new Set(forms.filter(({ length }) => length === 1).map(({ folded }) => folded));
      for (const term of missing) {
        const wanted = terms[term]?.[0]?.forms ?? [];
        const isForm = (word: string) => wanted.some((form) => isNear(form, word) || isWithin(form, word));
        if ([...here].some((word) => words.has(word) || isForm(word)))
          found[term]?.push({ start: from, end: to });
      }
    }
  }
  return missing.every((term) => isIn(lines, term));
}

/** Korean writes words together, and particles behind them. */
const isWithin = (form: string, word: string) => /^\p{Script=Hangul}{2}/u.test(form) && word.includes(form);

/** Whether a name holds all of some words. */
export const holdsAll = (name: string, fields: Query['terms']): boolean =>
  findInLine(name, { terms: fields }).every((spans) => spans.length > 0);

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
