// The alignments of a page’s corrections, computed in short turns and within a limit of work and size.

import { takeTurns } from '../runtime/short-turns.ts';
import { wordsOf } from './corrections.ts';
import type { Detection } from './detected-text.ts';
import type { PageText } from './page-text.ts';
import { findAlignment } from './word-alignment.ts';

type Corrected = Pick<PageText, 'corrections' | 'alignments'>;

/** The maximum of letter pairs compared for one page. A page with 100 rewritten lines takes 600,000. */
const maxPairs = 1_500_000;
/** Their maximum size on the text's item. Beyond it, lines are aligned roughly. */
const alignmentsLimitBytes = 8000;

/**
 * The alignments of corrections, by line id. Alignments of the same text in `known` pages are reused. Lines beyond the
 * limit of work or size are left out.
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

/** `undefined` when that text has no alignment yet. */
function knownAlignment(known: Corrected[], id: string, text: string): string | undefined {
  const page = known.find(
    ({ corrections = {}, alignments }) =>
      alignments && Object.hasOwn(corrections, id) && corrections[id] === text,
  );
  return page && (Object.hasOwn(page.alignments ?? {}, id) ? page.alignments?.[id] : '');
}
