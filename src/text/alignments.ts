// The places of corrected words, found once for each correction and stored beside it (docs/decisions/0043).

import { takeTurns } from '../runtime/short-turns.ts';
import { wordsOf } from './corrections.ts';
import type { Detection } from './detected-text.ts';
import type { PageText } from './page-text.ts';
import { findAlignment } from './word-alignment.ts';

type Corrected = Pick<PageText, 'corrections' | 'alignments'>;

/** Pairs of letters compared for one page: a page whose 100 lines are all written anew takes 600 000. */
const maxPairs = 1_500_000;
/** What they may take on the page's item, beside the text and the corrections. Beyond, lines are aligned roughly. */
const alignmentsLimitBytes = 8000;

/**
 * The alignments of corrections, by line id. Those that `known` pages have of the same text are taken over. Lines beyond
 * what is compared for one page, or has room on its item, are left out.
 */
export async function alignCorrections(
  detection: Detection,
  corrections: Record<string, string> = {},
  known: Corrected[] = [],
): Promise<Record<string, string>> {
  const takeTurn = takeTurns();
  const found: [string, string][] = [];
  let pairsLeft = maxPairs;
  let bytesLeft = alignmentsLimitBytes;
  for (const { id, words } of detection.lines) {
    const text = Object.hasOwn(corrections, id) ? corrections[id] : undefined;
    if (text === undefined) continue;
    let alignment = knownAlignment(known, id, text);
    if (alignment === undefined) {
      await takeTurn();
      const made = findAlignment(words, wordsOf(text), pairsLeft);
      pairsLeft -= made.pairs;
      alignment = made.alignment;
    }
    const size = id.length + alignment.length + 6;
    if (alignment === '' || size > bytesLeft) continue;
    bytesLeft -= size;
    found.push([id, alignment]);
  }
  return Object.fromEntries(found);
}

/** `undefined` where nobody has aligned that text. */
function knownAlignment(known: Corrected[], id: string, text: string): string | undefined {
  const page = known.find(
    ({ corrections = {}, alignments }) =>
      alignments && Object.hasOwn(corrections, id) && corrections[id] === text,
  );
  return page && (Object.hasOwn(page.alignments ?? {}, id) ? page.alignments?.[id] : '');
}
