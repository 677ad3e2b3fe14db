import { takeTurns } from '../runtime/short-turns.ts';
import { type AuditEntry, canonicalJson, firstPrevious, hashOf, type TrailName } from './audit.ts';

/** A stored entry. `place` is the number in its key, whatever its content claims. */
export interface PlacedEntry {
  place: number;
  entry: AuditEntry;
}

type TrailFault = 'changed' | 'removed' | 'reordered' | 'added';

export type Verdict =
  | { intact: true; count: number; lastHash: string }
  | { intact: false; number: number; fault: TrailFault; entry?: AuditEntry };

/**
 * Finds the first entry of a trail that was changed, removed, moved or added. `entries` are sorted by place. `newest`
 * is the head; without it, the end was removed.
 */
export async function verifyTrail(
  trail: TrailName,
  entries: PlacedEntry[],
  newest: AuditEntry | undefined,
): Promise<Verdict> {
  const takeTurn = takeTurns();
  const all = newest ? withNewest(entries, newest) : entries;
  let previous = firstPrevious;
  for (const [index, { place, entry }] of all.entries()) {
    await takeTurn();
    const number = index + 1;
    const fault = (kind: TrailFault, at = number, found = entry): Verdict => ({
      intact: false,
      number: at,
      fault: kind,
      entry: found,
    });
    if (place < number) return fault('added', place); // two entries at one place
    if (place > number) return { intact: false, number, fault: 'removed' };
    const isOwn = entry.trail === trail && hashOf(entry) === entry.hash;
    if (!isOwn) return fault('changed');
    if (entry.number !== number) return fault('reordered');
    if (entry.previous !== previous) {
      const after = all[index + 1]?.entry;
      const fitsNext = !after || after.previous === entry.hash;
      // changing an entry together with its hash breaks the link from the next one
      return number > 1 && fitsNext ? fault('changed', number - 1, all[index - 1]?.entry) : fault('changed');
    }
    previous = entry.hash;
  }
  if (!newest) return { intact: false, number: all.length + 1, fault: 'removed' };
  if (newest.number < all.length) {
    return { intact: false, number: newest.number + 1, fault: 'added', entry: all[newest.number]?.entry };
  }
  return { intact: true, count: all.length, lastHash: previous };
}

/** Adds the newest entry at its place. A copy may already be there and must be equal. */
function withNewest(entries: PlacedEntry[], newest: AuditEntry): PlacedEntry[] {
  if (entries.some(({ entry }) => sameEntry(entry, newest))) return entries;
  const isAsWritten = hashOf(newest) === newest.hash;
  const place = isAsWritten ? newest.number : (entries.at(-1)?.place ?? 0) + 1;
  return [...entries, { place, entry: newest }].sort((one, other) => one.place - other.place);
}

function sameEntry(one: AuditEntry, other: AuditEntry): boolean {
  return one.hash === other.hash && canonicalJson(one) === canonicalJson(other);
}
