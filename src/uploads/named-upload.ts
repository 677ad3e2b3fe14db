// An upload that its sender names can be sent again when no answer came: it becomes the same page, once.
import { createHash } from 'node:crypto';
import type { Request } from 'express';
import { encodeTime } from 'ulid';
import * as z from 'zod';

const headers = z.object({ key: z.uuid(), begunAt: z.iso.datetime() });
const timeoutMs = 60 * 60_000;
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export interface NamedUpload {
  key: string;
  /** Orders the pages of several uploads that are sent at the same time. */
  begunAt: Date;
}

/**
 * The name in `Upload-Key` (a UUID) and `Upload-Begun-At` (ISO 8601). Undefined when it is not given, and when it did not
 * begin within the last hour: then it is an upload like any other.
 */
export function readNamedUpload(request: Request, now: Date): NamedUpload | undefined {
  const given = headers.safeParse({
    key: request.get('upload-key'),
    begunAt: request.get('upload-begun-at'),
  });
  if (!given.success) return undefined;
  const begunAt = new Date(given.data.begunAt);
  const age = now.getTime() - begunAt.getTime();
  return age < timeoutMs && age > -timeoutMs ? { key: given.data.key, begunAt } : undefined;
}

/** A ULID whose time is the upload's and whose rest follows from its name, its sender and the project. */
export function pageIdOf({ key, begunAt }: NamedUpload, personId: string, projectId: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([key, personId, projectId]))
    .digest();
  const rest = [...digest.subarray(0, 16)].map((byte) => alphabet[byte % 32]).join('');
  return encodeTime(begunAt.getTime(), 10) + rest;
}
