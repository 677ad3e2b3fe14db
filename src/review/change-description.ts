// What the audit trail says of a change to a page, without the page's text.
import { describeStraightening } from '../pages/page-actions.service.ts';
import type { Places } from '../text/acceptance.ts';
import { addedLineId } from '../text/added-lines.ts';
import type { PageChanges } from './page-changes.ts';

/** The action and its detail. */
export function nameChanges(changes: PageChanges) {
  const { rotation, straightened, revision: _, drawnAt: __, ...others } = changes;
  if (straightened !== undefined && rotation === undefined && Object.keys(others).length === 0)
    return { action: 'page.rotated', detail: describeStraightening(straightened) } as const;
  return rotation !== undefined && straightened === undefined && Object.keys(others).length === 0
    ? ({ action: 'page.rotated', detail: `to ${rotation}°` } as const)
    : ({ action: 'page.changed', detail: describeChanges(changes) } as const);
}

function describeChanges({ lines, words, accept, undo, reviewed, number, ...shown }: PageChanges): string {
  const isAdded = (id: string) => addedLineId.test(id);
  const added = idsOf(lines ?? {}, (_, id) => isAdded(id));
  const corrected = idsOf(lines ?? {}, ({ text }, id) => text !== undefined && !isAdded(id));
  const read = idsOf(lines ?? {}, ({ accepted }, id) => accepted === true && !isAdded(id));
  const right = idsOf(words ?? {}, (isRight) => isRight);
  const doubted = idsOf(words ?? {}, (isRight) => !isRight);
  const parts = [
    ...(lines && (corrected || !added) ? [`corrected ${corrected || 'no line'}`] : []),
    ...(added ? ['changed lines added by hand'] : []),
    ...(read ? [`accepted all of ${read}`] : []),
    ...(right ? [`accepted ${right}`] : []),
    ...(doubted ? [`doubted again ${doubted}`] : []),
    ...(accept ? [describeAccepted(accept)] : []),
    ...(undo ? ['undid the last change'] : []),
    ...(reviewed === undefined ? [] : [reviewed ? 'marked as reviewed' : 'marked as not reviewed']),
    ...(number === undefined ? [] : [`moved to ${number}`]),
    ...(shown.rotation === undefined ? [] : [`rotated to ${shown.rotation}°`]),
    ...(shown.straightened === undefined ? [] : [describeStraightening(shown.straightened)]),
  ];
  return parts.join('; ') || 'nothing';
}

function describeAccepted(accept: Places | 'all'): string {
  if (accept === 'all') return 'accepted all words';
  const [[id] = [], ...others] = Object.entries(accept);
  if (id !== undefined && others.length === 0) return `accepted all of ${id}`;
  const count = Object.values(accept).reduce((sum, places) => sum + places.length, 0);
  return `accepted ${count} words of ${others.length + 1} lines`;
}

function idsOf<T>(changes: Record<string, T>, isMeant: (change: T, id: string) => boolean): string {
  return Object.entries(changes)
    .flatMap(([id, change]) => (isMeant(change, id) ? [id] : []))
    .join(', ');
}
