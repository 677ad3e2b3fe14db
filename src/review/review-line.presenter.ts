// Presents one line of a page: its words, each with its box and its doubt.
import type { Page } from '../pages/page.ts';
import { unsurePlaces, writePlaces } from '../text/acceptance.ts';
import { isToCheck, type ReviewedLine, type ReviewedWord, textOfLine } from '../text/corrections.ts';
import type { Polygon } from '../text/detected-text.ts';
import type { LineConflict } from '../text/line-conflict.error.ts';
import { isDoubtful } from '../text/unsure-words.ts';

/** With the polygon of a line added by hand, which may have been removed. */
export type ShownConflict = LineConflict & { polygon?: Polygon | undefined };

interface Part {
  text: string;
  /** Shown on hover: the detection's confidence, or the detected text. */
  hint?: string | undefined;
  doubtful: boolean;
  /** Whether it contains a search hit. */
  found?: boolean;
  corrected?: boolean;
  handwriting?: boolean;
  /** Links it to its box. */
  word?: string;
  /** The word as the server knows it; absent on what a person wrote. */
  id?: string | undefined;
}

interface LineContext {
  found: { start: number; end: number }[];
  isFirstFound: boolean;
  page: Page;
  mayChange: boolean;
  isEditing: boolean;
  conflict: ShownConflict | undefined;
}

export function presentLine(
  line: ReviewedLine,
  number: number,
  { page, found, isFirstFound, mayChange, isEditing, conflict }: LineContext,
) {
  const { width = 0, height = 0 } = page;
  const isOpen = (word: ReviewedWord) => !page.reviewedAt && isToCheck(word);
  const parts = markFound(partsOf(line, number, isOpen), found);
  const foundWords = new Set(parts.flatMap(({ found, word }) => (found && word ? [word] : [])));
  return {
    id: line.id,
    number,
    language: page.language,
    text: textOfLine(line),
    detected: line.text,
    corrected: line.corrected !== undefined,
    was: line.corrected === undefined || line.added ? undefined : describeReplaced(line),
    hasHandwriting: line.words.some(({ textType }) => textType === 'handwriting'),
    added: line.added ? { polygon: JSON.stringify(line.polygon) } : undefined,
    parts,
    isFirstFound,
    boxes: line.words.map((word, place) => ({
      word: `${number}-${place + 1}`,
      points: pointsOf(word.polygon, width, height),
      doubtful: isOpen(word),
      found: foundWords.has(`${number}-${place + 1}`),
    })),
    toCheck: line.words.flatMap((word) =>
      isOpen(word) && word.id ? [{ id: word.id, text: word.text }] : [],
    ),
    unsure: page.reviewedAt ? '' : writePlaces(unsurePlaces([line])),
    hasAccepted: line.words.some((word) => word.accepted),
    mayChange,
    isEditing: mayChange && isEditing,
    conflict:
      mayChange && conflict
        ? {
            theirs: conflict.text,
            yours: conflict.wanted,
            ...(line.added ? { polygon: JSON.stringify(line.polygon) } : {}),
          }
        : undefined,
  };
}

export type PresentedLine = ReturnType<typeof presentLine>;

/** The line's text, word by word with what stands between them. */
function partsOf(line: ReviewedLine, number: number, isOpen: (word: ReviewedWord) => boolean): Part[] {
  const text = textOfLine(line);
  const parts: Part[] = [];
  let end = 0;
  for (const [place, word] of line.words.entries()) {
    const start = word.text === '' ? -1 : text.indexOf(word.text, end);
    if (start < 0) continue;
    if (start > end) parts.push({ text: text.slice(end, start), doubtful: false });
    parts.push({
      text: word.text,
      doubtful: isOpen(word),
      hint: hintOf(word, line.added === true),
      word: `${number}-${place + 1}`,
      ...(word.id ? { id: word.id } : {}),
      ...(word.detected === undefined ? {} : { corrected: true }),
      ...(word.textType === 'handwriting' ? { handwriting: true } : {}),
    });
    end = start + word.text.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), doubtful: false });
  return parts;
}

/** Marks whole words, even when only their beginning was searched for. */
function markFound(parts: Part[], found: { start: number; end: number }[]): Part[] {
  const spans = found.toSorted((one, other) => one.start - other.start);
  let at = 0;
  let next = 0;
  let foundUntil = 0;
  return parts.map((part) => {
    const start = at;
    at += part.text.length;
    for (; (spans[next]?.start ?? at) < at; next += 1)
      foundUntil = Math.max(foundUntil, spans[next]?.end ?? 0);
    return part.word !== undefined && foundUntil > start ? { ...part, found: true } : part;
  });
}

function hintOf(word: ReviewedWord, isAdded: boolean): string | undefined {
  if (isAdded) return undefined;
  if (word.detected !== undefined) return word.detected ? `Detected: “${word.detected}”` : 'Not detected';
  if (!isDoubtful(word)) return undefined;
  const detected = word.textType === 'handwriting' ? 'Handwriting, detected' : 'Detected';
  const sure = `${detected} with ${Math.round(word.confidence)} % confidence`;
  return word.accepted ? `${sure}, accepted` : sure;
}

/** The detected words that were replaced; all words when some were only added. */
function describeReplaced(line: ReviewedLine): string {
  const kept = new Set(line.words.flatMap(({ id }) => id ?? []));
  const gone = line.text.split(' ').filter((_, place) => !kept.has(`${line.id}.${place + 1}`));
  return gone.length > 0 ? gone.join(' ') : line.text;
}

/** A polygon in the image's pixels, as SVG's `points`. */
function pointsOf(polygon: Polygon, width: number, height: number): string {
  return polygon.map(({ x, y }) => `${(x * width).toFixed(1)},${(y * height).toFixed(1)}`).join(' ');
}
