// Accepting many words of a page at once: all that are unsure, or those that a person saw. Pure.
import { correctLine, isToCheck, type ReviewedLine } from './corrections.ts';
import type { Detection } from './detected-text.ts';
import type { PageText } from './page-text.ts';
import { undoneByOthers } from './review.errors.ts';
import { readWordId } from './word-id.ts';

/** By line id: the places of words in the detected line, from 0. */
export type Places = Record<string, number[]>;

type Accepted = Required<Pick<PageText, 'accepted' | 'steps'>>;

/** `l3.0.2` names the first and the third word of line `l3`, as in a form of the page. */
export function readPlaces(text: string): Places {
  const parts = text.split(' ').filter(Boolean);
  return Object.fromEntries(
    parts.map((part) => {
      const [id = '', ...places] = part.split('.');
      return [id, places.map(Number)];
    }),
  );
}

export function writePlaces(places: Places): string {
  return Object.entries(places)
    .map(([id, each]) => [id, ...each].join('.'))
    .join(' ');
}

/** The unsure words of these lines. */
export function unsurePlaces(lines: ReviewedLine[]): Places {
  const found = lines.map(
    ({ id, words }) =>
      [id, words.flatMap((word) => (isToCheck(word) && word.id ? [readWordId(word.id).place] : []))] as const,
  );
  return Object.fromEntries(found.filter(([, places]) => places.length > 0));
}

/** The words that are unsure now, of all or of `seen`. Words that someone corrected or accepted meanwhile are skipped. */
function findUnsure(
  { lines }: Detection,
  page: Pick<PageText, 'corrections' | 'accepted' | 'alignments'>,
  seen: Places | 'all',
): Places {
  const wanted = seen === 'all' ? lines : lines.filter(({ id }) => Object.hasOwn(seen, id));
  const unsure = unsurePlaces(wanted.map((line) => correctLine(line, page)));
  if (seen === 'all') return unsure;
  const found = Object.entries(unsure).map(
    ([id, places]) => [id, places.filter((place) => seen[id]?.includes(place))] as const,
  );
  return Object.fromEntries(found.filter(([, places]) => places.length > 0));
}

/** The same review with the unsure words, of all or of `seen`, accepted in one step. */
export function acceptWords<Review extends Pick<PageText, 'corrections'> & Accepted>(
  review: Review,
  detection: Detection,
  seen: Places | 'all',
  { personId, alignments }: { personId: string; alignments: PageText['alignments'] },
): Review {
  const found = findUnsure(detection, { ...review, alignments }, seen);
  if (Object.keys(found).length === 0) return review;
  const accepted = new Map(Object.entries(review.accepted));
  for (const [id, places] of Object.entries(found)) {
    accepted.set(
      id,
      [...(accepted.get(id) ?? []), ...places].sort((one, other) => one - other),
    );
  }
  const steps = [...review.steps, { personId, lines: {}, accepted: found }];
  return { ...review, accepted: Object.fromEntries(accepted), steps };
}

/** Undoes `acceptWords` for the words that are still accepted. Throws when there are none. */
export function withdraw(accepted: Places, places: Places): Places {
  const all = new Map(Object.entries(accepted));
  let isChanged = false;
  for (const [id, less] of Object.entries(places)) {
    const there = all.get(id) ?? [];
    const left = there.filter((place) => !less.includes(place));
    isChanged ||= left.length < there.length;
    if (left.length > 0) all.set(id, left);
    else all.delete(id);
  }
  if (!isChanged) throw undoneByOthers();
  return Object.fromEntries(all);
}
