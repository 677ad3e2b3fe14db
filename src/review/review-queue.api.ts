// The queue "To review" in the API.
import * as z from 'zod';
import type { QueuedPage } from './queued-page.ts';
import { maxPagesRead } from './review-queue.store.ts';

const cursorRule = 'must be a cursor from an earlier response';

/** When a page began to wait, its project, its place there, its id (`sortOf`). */
const place = z.string().regex(/^[\d:.TZ-]{20,30}#[0-9A-Z]{26}#\d{16}#[0-9A-Z]{26}$/);

export const writeQueueCursor = (after: string) => Buffer.from(after).toString('base64url');
export const readQueueCursor = (cursor: string) =>
  place.safeParse(Buffer.from(cursor, 'base64url').toString('utf8')).data;

export const reviewQueueQuery = z
  .strictObject({
    cursor: z.string().max(300, cursorRule).optional(),
    limit: z
      .string()
      .regex(/^(?:[1-4]?\d|50)$/, `must be a whole number from 1 to ${maxPagesRead}`)
      .refine((text) => Number(text) > 0, `must be a whole number from 1 to ${maxPagesRead}`)
      .transform(Number)
      .default(20),
  })
  .transform(({ cursor, limit }, context) => {
    const after = cursor === undefined ? undefined : readQueueCursor(cursor);
    if (cursor !== undefined && after === undefined)
      context.addIssue({ code: 'custom', path: ['cursor'], message: cursorRule });
    return { limit, after };
  });

const someone = z.strictObject({ id: z.string(), name: z.string() });

export const queuedPageAnswer = z.strictObject({
  project: someone,
  page: z.strictObject({
    id: z.string(),
    /** Missing for a few seconds after the page was read. */
    number: z.number().int().optional(),
    fileName: z.string(),
    doubtfulCount: z.number().int(),
  }),
  assignee: someone,
  assignedBy: someone,
  assignedAt: z.iso.datetime(),
  /** Who reviews it right now, and until when if they do not go on. */
  claim: z.strictObject({ id: z.string(), name: z.string(), until: z.iso.datetime() }).optional(),
});

export const reviewQueueAnswer = z.strictObject({
  items: z.array(queuedPageAnswer),
  cursor: z.string().optional(),
});

export function toQueuedPageAnswer(queued: QueuedPage): z.infer<typeof queuedPageAnswer> {
  const { project, page, number, assignment, claim } = queued;
  return {
    project: { id: project.id, name: project.name },
    page: {
      id: page.id,
      ...(number ? { number } : {}),
      fileName: page.fileName,
      doubtfulCount: page.doubtfulCount ?? 0,
    },
    assignee: { id: assignment.id, name: assignment.name },
    assignedBy: assignment.by,
    assignedAt: assignment.since,
    ...(claim ? { claim } : {}),
  };
}
