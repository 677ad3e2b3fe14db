// A named upload can be sent again when its answer was lost: it creates the same page, once.
import { createHash } from 'node:crypto';
import type { Request } from 'express';
import { encodeTime } from 'ulid';
import * as z from 'zod';

const headers = z.object({ key: z.uuid(), begunAt: z.iso.datetime() });
const timeoutMs = 60 * 60_000;
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export interface NamedUpload {
  key: string;
  /** Orders the pages of uploads that are sent at the same time. */
  begunAt: Date;
}

/**
 * Reads `Upload-Key` (a UUID) and `Upload-Begun-At` (ISO 8601). `undefined` when they are missing or older than an
 * hour: then the upload is treated as unnamed.
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

/** synchronous, so that the response is sent in one piece */
export function pageIdOf({ key, begunAt }: NamedUpload, personId: string, projectId: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([key, personId, projectId]))
    .digest();
  const rest = [...digest.subarray(0, 16)].map((byte) => alphabet[byte % 32]).join('');
  return encodeTime(begunAt.getTime(), 10) + rest;
}
