// An audit trail: entries numbered from 1, each with the hash of its predecessor, so that changing, removing or moving
// an entry is detected.
import { createHash } from 'node:crypto';
import type { AuditAction } from './audit-actions.ts';

export type TrailKind = 'project' | 'person';

/** `project:01K…` or `person:p-…`. */
export type TrailName = `${TrailKind}:${string}`;

/** An action and its object. */
export interface AuditedAct {
  action: AuditAction;
  /** Missing in the trails of the default organisation. */
  organisationId?: string;
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

export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
