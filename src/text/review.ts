// Changes to the lines of a page: correct, confirm, add, restore, undo. Pure: from one state of the page to the next.
// Changes to different lines never conflict. A change names the text that it replaces, and fails when the line has
// changed since.
import { acceptWords, type Places, unsurePlaces, withdraw } from './acceptance.ts';
import { addedLineId } from './added-lines.ts';
import { correctLine, type ReviewedLine, textOfLine, wordsOf } from './corrections.ts';
import type { DetectedLine, Detection } from './detected-text.ts';
import { type LineConflict, LineConflictError } from './line-conflict.error.ts';
import { isSame, stateOf, withAccepted, withStates } from './line-states.ts';
import type { AddedLine, LineState, PageText, Review } from './page-text.ts';
import { noSuchLine, noSuchWord, notAdded, nothingToUndo, tooMuch, undoneByOthers } from './review.errors.ts';
import { lastStepOf, newestSteps, sizeOf } from './review-steps.ts';
import { readWordId, wordIdOf } from './word-id.ts';

/** One line's change. */
interface LineChange {
  /** The new text. `null` restores the detected text; missing keeps the current text. */
  text?: string | null;
  /** The text when the person began. Missing: the change applies whatever the line's text is now. */
  seen?: string;
  /** The person has checked the whole line: none of its words is unsure any more. */
  accepted?: true;
  /** The position of a line that is or was added by hand. */
  box?: Pick<AddedLine, 'polygon' | 'place'>;
}

export interface ReviewChanges {
  /** By line id. */
  lines?: Record<string, LineChange>;
  /** Whether an unsure word is right, by word id. */
  words?: Record<string, boolean>;
  /** Accepts every unsure word, or those that the person saw, in one step. */
  accept?: Places | 'all';
  /** Undoes this person's last step. */
  undo?: true;
}

/** A DynamoDB item holds 400 KB, of which the text may take 300 (docs/decisions/0031). */
const reviewLimitBytes = 80_000;
/** Each becomes a box on the image. A full printed page has 700 words, a newspaper's 6,000. */
const maxWords = 10_000;

function countWords({ corrections, added }: Review): number {
  const texts = [...Object.values(corrections), ...Object.values(added).map(({ text }) => text)];
  return texts.reduce((count, text) => count + wordsOf(text).length, 0);
}

/**
 * Throws a PaperliftError when the page has changed since or exceeds a limit; nothing changes then. `wanted` are the
 * alignments for the new corrections.
 */
export function changeReview(
  page: Pick<PageText, 'corrections' | 'alignments' | 'accepted' | 'added' | 'steps'>,
  detection: Detection,
  changes: ReviewChanges,
  personId: string,
  wanted?: Record<string, string>,
): Review {
  const before: Review = {
    corrections: page.corrections ?? {},
    accepted: page.accepted ?? {},
    added: page.added ?? {},
    steps: page.steps ?? [],
  };
  const changed = changes.undo
    ? undo(before, personId)
    : change(before, detection, changes, { personId, alignments: page.alignments, wanted });
  const after = changes.accept
    ? acceptWords(changed, detection, changes.accept, { personId, alignments: wanted ?? page.alignments })
    : changed;
  const size = sizeOf([after.corrections, after.accepted, after.added]);
  if (size > reviewLimitBytes) throw tooMuch();
  const words = countWords(after);
  if (words > maxWords && words > countWords(before)) throw tooMuch();
  return { ...after, steps: newestSteps(after.steps, reviewLimitBytes - size) };
}

interface ChangeContext {
  personId: string;
  alignments: PageText['alignments'];
  wanted: Record<string, string> | undefined;
}

function change(
  before: Review,
  detection: Detection,
  changes: ReviewChanges,
  { personId, alignments, wanted: wantedAlignments }: ChangeContext,
): Review {
  const detected = new Map(detection.lines.map((line) => [line.id, line]));
  const current = { corrections: before.corrections, accepted: before.accepted, alignments };
  const lineNow = (id: string) => {
    const line = detected.get(id);
    return line && correctLine(line, current);
  };
  const states = new Map<string, LineState>();
  const conflicts: LineConflict[] = [];
  const lines = new Map<string, ReviewedLine>();
  for (const [id, wanted] of Object.entries(changes.lines ?? {})) {
    if (addedLineId.test(id)) {
      const now = Object.hasOwn(before.added, id) ? before.added[id] : undefined;
      const text = wanted.text === null ? '' : wanted.text;
      const isChanged = wanted.seen !== undefined && wanted.seen !== (now?.text ?? '');
      if (isChanged && text !== (now?.text ?? '')) {
        conflicts.push({ id, text: now?.text ?? '', ...(text === undefined ? {} : { wanted: text }) });
      } else states.set(id, changeAdded(now, text, wanted.box));
      continue;
    }
    if (wanted.box) throw notAdded(id);
    const line = lineNow(id);
    const original = detected.get(id);
    if (!line || !original) throw noSuchLine(id);
    const text = wanted.text === null ? line.text : wanted.text;
    const isChanged = wanted.seen !== undefined && wanted.seen !== textOfLine(line);
    if (isChanged && text !== textOfLine(line)) {
      conflicts.push({ id, text: textOfLine(line), ...(text === undefined ? {} : { wanted: text }) });
    } else states.set(id, changeLine(original, stateOf(before, id), wanted, wantedAlignments));
  }
  for (const [wordId, isRight] of Object.entries(changes.words ?? {})) {
    const { lineId: id, place } = readWordId(wordId);
    const line = lines.get(id) ?? lineNow(id);
    if (line) lines.set(id, line);
    const isWord = detected.get(id)?.words[place] && wordId === wordIdOf(id, place);
    if (!line || !isWord) throw noSuchWord(wordId);
    const state = states.get(id) ?? stateOf(before, id);
    if (!line.words.some((word) => word.id === wordId)) {
      if (!states.has(id)) conflicts.push({ id, text: textOfLine(line) });
    } else {
      const others = (state.accepted ?? []).filter((each) => each !== place);
      states.set(id, withAccepted(state, isRight ? [...others, place] : others));
    }
  }
  if (conflicts.length > 0) throw new LineConflictError(conflicts);
  const changed = [...states].filter(([id, state]) => !isSame(state, stateOf(before, id)));
  if (changed.length === 0) return before;
  const step = {
    personId,
    lines: Object.fromEntries(
      changed.map(([id, after]) => [id, { before: stateOf(before, id), after }] as const),
    ),
  };
  return { ...withStates(before, changed), steps: [...before.steps, step] };
}

function changeLine(
  line: DetectedLine,
  state: LineState,
  { text, accepted }: LineChange,
  alignments: Record<string, string> | undefined,
): LineState {
  if (text === null) return accepted ? acceptAll(line, {}) : {};
  const { text: _, ...kept } = state;
  const written = text === undefined ? state : text === line.text ? kept : { ...kept, text };
  return accepted ? acceptAll(line, written, alignments) : written;
}

/** An added line with empty text is removed. */
function changeAdded(now: AddedLine | undefined, text = now?.text ?? '', box?: LineChange['box']): LineState {
  const place = box ?? now;
  return text === '' || !place ? {} : { added: { polygon: place.polygon, place: place.place, text } };
}

/** The words of the line that would still be unsure in `state`. */
function acceptAll(line: DetectedLine, state: LineState, alignments?: Record<string, string>): LineState {
  const now = correctLine(line, {
    corrections: state.text === undefined ? {} : { [line.id]: state.text },
    accepted: state.accepted ? { [line.id]: state.accepted } : {},
    alignments,
  });
  return withAccepted(state, [...(state.accepted ?? []), ...(unsurePlaces([now])[line.id] ?? [])]);
}

function undo(before: Review, personId: string): Review {
  const step = lastStepOf(before.steps, personId);
  if (!step) throw nothingToUndo();
  const at = before.steps.lastIndexOf(step);
  if (step.accepted) {
    const accepted = withdraw(before.accepted, step.accepted);
    return { ...before, accepted, steps: before.steps.toSpliced(at, 1) };
  }
  const conflicts = Object.entries(step.lines).filter(
    ([id, { after }]) => !isSame(after, stateOf(before, id)),
  );
  if (conflicts.length > 0) throw undoneByOthers();
  const states = Object.entries(step.lines).map(([id, line]) => [id, line.before] as [string, LineState]);
  return { ...withStates(before, states), steps: before.steps.toSpliced(at, 1) };
}
