// Where the words that a correction inserts find room. Pure.
import type { Group } from './alignment-notation.ts';
import type { DetectedWord } from './detected-text.ts';
import { gapBetween, widthOf } from './word-boxes.ts';

/** A gap takes an inserted word when it has this share of the width that the word needs. */
const minGapShare = 0.6;

/** Inserted words stay where a gap has room for them; the others join a neighbouring word and share its position. */
export function settleInsertions(groups: Group[], detected: DetectedWord[], texts: string[]): Group[] {
  const joined: Group[] = [];
  for (const group of groups) {
    const before = joined.at(-1);
    if (before && isInsertion(group) && isInsertion(before)) before.last = group.last;
    else joined.push({ ...group });
  }
  const settled: Group[] = [];
  let waitingFrom: number | undefined;
  for (const group of joined) {
    group.first = waitingFrom ?? group.first;
    waitingFrom = undefined;
    const before = settled.at(-1);
    if (!isInsertion(group) || fitsGap(group, detected, texts)) settled.push(group);
    else if (before) before.last = group.last;
    else waitingFrom = group.first;
  }
  return settled.filter((group) => group.first < group.last);
}

function isInsertion({ start, end }: Group): boolean {
  return start === end;
}

function fitsGap({ start, first, last }: Group, detected: DetectedWord[], texts: string[]): boolean {
  const [before, after] = [detected[start - 1], detected[start]];
  const gap = gapBetween(before, after);
  if (!gap || !before || !after) return false;
  const letterOf = ({ text, polygon }: DetectedWord) => widthOf(polygon) / Math.max(1, text.length);
  const letter = Math.min(letterOf(before), letterOf(after));
  const wanted = texts.slice(first, last).join(' ').length * letter;
  return widthOf(gap) >= wanted * minGapShare;
}
