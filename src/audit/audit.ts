// An audit trail: entries numbered from 1, each with the hash of its predecessor, so that changing, removing or moving
// an entry is detected.
import { createHash } from 'node:crypto';
import { takeTurns } from '../runtime/short-turns.ts';

/** The actions and their wording. `{page}`, `{file}` and `{person}` stand for their object. */
export const auditActions = {
  'project.created': 'created the project',
  'project.renamed': 'renamed the project',
  'project.changed': 'changed the project',
  'project.deleted': 'deleted the project',
  'project.erased': 'erased the deleted project permanently',
  'project.viewed': 'viewed the project',
  'projects.listed': 'listed everyone’s projects',
  'text.searched': 'searched everyone’s text',
  'text.found': 'saw text of the project in a search',
  'pages.added': 'added {page}',
  'phone.linked': 'let a phone add pages',
  'page.replaced': 'replaced the image of {page}',
  'page.changed': 'changed {page}',
  'page.rotated': 'rotated {page}',
  'page.retried': 'retried {page}',
  'page.detected-again': 'detected the text of {page} again',
  'page.deleted': 'deleted {page}',
  'page.restored': 'restored {page}',
  'page.erased': 'erased {page} permanently',
  'page.viewed': 'viewed {page}',
  'import.split': 'split {file} into pages',
  'import.retried': 'retried splitting {file}',
  'import.removed': 'removed {file} and its pages',
  'export.requested': 'requested an export',
  'export.downloaded': 'downloaded an export',
  'export.deleted': 'deleted an export',
  'export.expired': 'deleted an old export',
  'trail.downloaded': 'downloaded this audit trail',
  'person.signed-out': 'signed {person} out everywhere',
  'person.disabled': 'blocked access for {person}',
  'person.enabled': 'restored access for {person}',
  'change.failed': 'change failed',
} as const;

export type AuditAction = keyof typeof auditActions;

export type TrailKind = 'project' | 'person';

/** `project:01K…` or `person:p-…`. */
export type TrailName = `${TrailKind}:${string}`;

/** An action and its object. */
export interface AuditedAct {
  action: AuditAction;
  projectId?: string;
  projectName?: string;
  personId?: string;
  pageId?: string;
  exportId?: string;
  /** The file name of the page or import, which may no longer exist when the trail is read. */
  fileName?: string;
  detail?: string;
}

export interface AuditEntry extends AuditedAct {
  trail: TrailName;
  number: number;
  /** A ULID. An event has the same id in the project's trail and in the person's. */
  id: string;
  /** ISO 8601. */
  at: string;
  actorId: string;
  actorName: string;
  actorEmail?: string;
  /** The hash of the previous entry; of nothing in the first one. */
  previous: string;
  hash: string;
}

export const firstPrevious = '0'.repeat(64);

/** SHA-256 (hex) of an entry without its hash, as canonical JSON (sorted keys, RFC 8785). */
export function hashOf(entry: object): string {
  const { hash: _hash, ...said } = entry as Record<string, unknown>;
  return createHash('sha256').update(canonicalJson(said)).digest('hex');
}

function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

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
