// Applies people's corrections to the detection, which itself never changes. Corrected words take over the positions
// of the words they replace, so that the text layer of a PDF matches.

import type { DetectedLine, DetectedWord, Detection } from './detected-text.ts';
import type { AddedLine, PageText } from './page-text.ts';
import { isDoubtful } from './unsure-words.ts';
import { alignWords } from './word-alignment.ts';
import { wordIdOf } from './word-id.ts';

/** A word with corrections applied. */
export interface ReviewedWord extends DetectedWord {
  /** `l3.2` is the second detected word of line `l3`. Missing on words that a person wrote. */
  id?: string;
  /** A person confirmed this unsure word. */
  accepted?: true;
  /** The detected text that it replaces, possibly shortened. Only on words that a person wrote. */
  detected?: string;
}

export interface ReviewedLine extends DetectedLine {
  /** The corrected text; missing when the line is as detected. */
  corrected?: string;
  /** The line was added by hand, so `text` is empty. */
  added?: true;
  words: ReviewedWord[];
}

type Reviewed = Pick<PageText, 'corrections' | 'accepted' | 'reviewedAt'>;

/**
 * The detection with corrections and confirmations applied and added lines in their places. Without `alignments` each
 * corrected line is aligned now, which takes milliseconds a line; a page stores them.
 */
export function applyCorrections(
  detection: Detection,
  corrections: Record<string, string> = {},
  accepted: Record<string, number[]> = {},
  added: Record<string, AddedLine> = {},
  alignments?: Record<string, string>,
): ReviewedLine[] {
  const detected = detection.lines.map((line) => correctLine(line, { corrections, accepted, alignments }));
  return withAdded(detected, added);
}

/** One detected line with corrections and confirmations applied. */
export function correctLine(
  line: DetectedLine,
  { corrections = {}, accepted = {}, alignments }: Pick<PageText, 'corrections' | 'accepted' | 'alignments'>,
): ReviewedLine {
  const corrected = Object.hasOwn(corrections, line.id) ? corrections[line.id] : undefined;
  const places = Object.hasOwn(accepted, line.id) ? (accepted[line.id] ?? []) : [];
  if (corrected === undefined) {
    return { ...line, words: line.words.map((word, place) => asDetected(word, line, place, places)) };
  }
  return { ...line, corrected, words: placeWords(line, corrected, places, alignments) };
}

/** Detected lines and added lines, in reading order. */
export function withAdded(detected: ReviewedLine[], added: Record<string, AddedLine> = {}): ReviewedLine[] {
  const byHand = Object.entries(added).map(([id, line]) => ({
    line: lineByHand(id, line),
    place: line.place,
  }));
  if (byHand.length === 0) return detected;
  return [...detected.map((line, index) => ({ line, place: index + 1 })), ...byHand]
    .sort((one, other) => one.place - other.place || (one.line.id < other.line.id ? -1 : 1))
    .map(({ line }) => line);
}

function lineByHand(id: string, { text, polygon }: AddedLine): ReviewedLine {
  const line = { id, text: '', confidence: 100, polygon, words: [] };
  return { ...line, corrected: text, added: true, words: placeWords(line, text, [], {}) };
}

/** The text with corrections applied. */
export function reviewedText(lines: ReviewedLine[]): string {
  return lines
    .map(textOfLine)
    .filter((text) => text !== '')
    .join('\n');
}

export function textOfLine(line: ReviewedLine): string {
  return line.corrected ?? line.text;
}

/** Whether a person should check the word. */
export function isToCheck(word: ReviewedWord): boolean {
  return isDoubtful(word) && !word.accepted;
}

/** How many words a person should check. None on a page that is marked as reviewed. */
export function countWordsToCheck(lines: ReviewedLine[], { reviewedAt }: Reviewed): number {
  if (reviewedAt) return 0;
  return lines.reduce((count, line) => count + line.words.filter(isToCheck).length, 0);
}

/** What a page says of its text in lists. */
export function countsOf(lines: ReviewedLine[], page: Reviewed) {
  return {
    wordCount: lines.reduce((count, line) => count + line.words.length, 0),
    doubtfulCount: countWordsToCheck(lines, page),
  };
}

/** Splits a line's text into words. */
export const wordsOf = (text: string) => text.split(/\s+/).filter(Boolean);

function placeWords(
  line: DetectedLine,
  corrected: string,
  accepted: number[],
  alignments?: Record<string, string>,
): ReviewedWord[] {
  const stored = alignments && (Object.hasOwn(alignments, line.id) ? alignments[line.id] : '');
  const aligned = alignWords(line.words, wordsOf(corrected), line.polygon, stored);
  const shared = new Set<number>();
  const seen = new Set<number>();
  for (const place of aligned.flatMap(({ from }) => from)) (seen.has(place) ? shared : seen).add(place);
  return aligned.map(({ text, polygon, from }) => {
    const [place = -1] = from;
    const word = line.words[place];
    if (word && from.length === 1 && !shared.has(place) && word.text === text) {
      return asDetected(word, line, place, accepted);
    }
    const detected = shorten(from.map((each) => line.words[each]?.text).join(' '));
    return { text, confidence: 100, polygon, detected };
  });
}

/** Each corrected word carries its detected text, so a very long one is shortened. */
function shorten(detected: string): string {
  const longest = 60;
  return detected.length <= longest ? detected : `${detected.slice(0, longest - 1).toWellFormed()}…`;
}

function asDetected(word: DetectedWord, line: DetectedLine, place: number, accepted: number[]): ReviewedWord {
  return { ...word, id: wordIdOf(line.id, place), ...(accepted.includes(place) ? { accepted: true } : {}) };
}
