// What people made of single lines, taken out of a review and put back.
import type { AddedLine, LineState, PageText, Review } from './page-text.ts';

type Lines = Pick<PageText, 'corrections' | 'accepted' | 'added'>;

/** Which lines differ between two reviews, by id. */
export function changedLines(before: Lines, after: Lines): string[] {
  const [was, is] = [before, after].map(({ corrections = {}, accepted = {}, added = {} }) => ({
    corrections,
    accepted,
    added,
  })) as [Required<Lines>, Required<Lines>];
  const ids = [was, is].flatMap(({ corrections, accepted, added }) =>
    [corrections, accepted, added].flatMap(Object.keys),
  );
  return [...new Set(ids)].filter((id) => !isSame(stateOf(was, id), stateOf(is, id)));
}

export function stateOf({ corrections, accepted, added }: Required<Lines>, id: string): LineState {
  return {
    ...(Object.hasOwn(added, id) ? { added: added[id] as AddedLine } : {}),
    ...(Object.hasOwn(corrections, id) ? { text: corrections[id] as string } : {}),
    ...(Object.hasOwn(accepted, id) ? { accepted: accepted[id] as number[] } : {}),
  };
}

export function withStates(review: Review, states: [string, LineState][]): Review {
  const corrections = new Map(Object.entries(review.corrections));
  const accepted = new Map(Object.entries(review.accepted));
  const added = new Map(Object.entries(review.added));
  for (const [id, state] of states) {
    if (state.added) added.set(id, state.added);
    else added.delete(id);
    if (state.text === undefined) corrections.delete(id);
    else corrections.set(id, state.text);
    if (state.accepted) accepted.set(id, state.accepted);
    else accepted.delete(id);
  }
  return {
    ...review,
    corrections: Object.fromEntries(corrections),
    accepted: Object.fromEntries(accepted),
    added: Object.fromEntries(added),
  };
}

export function withAccepted({ accepted: _, ...state }: LineState, places: number[]): LineState {
  return places.length === 0
    ? state
    : { ...state, accepted: [...new Set(places)].sort((one, other) => one - other) };
}

export function isSame(one: LineState, other: LineState): boolean {
  return (
    one.text === other.text &&
    String(one.accepted ?? '') === String(other.accepted ?? '') &&
    placeAndText(one.added) === placeAndText(other.added)
  );
}

/** For comparing: DynamoDB may return attributes in another order. */
function placeAndText(line: AddedLine | undefined): string {
  return line ? JSON.stringify([line.text, line.place, line.polygon.map(({ x, y }) => [x, y])]) : '';
}
