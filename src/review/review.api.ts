// Changes of a page in the API.
import { ulid as makeUlid } from 'ulid';
import * as z from 'zod';
import { granteeId } from '../projects/sharing.api.ts';
import { hasArea } from '../text/added-lines.ts';
import type { PageChanges } from './page-changes.ts';

export const lineText = z
  .string()
  .max(2000, 'Use 2,000 characters or fewer for a line.')
  .refine((text) => !/\p{Cc}/u.test(text) && text.isWellFormed(), 'Remove control characters from the line.');

const corner = z.strictObject({ x: z.number().min(0).max(1), y: z.number().min(0).max(1) });

/** Clockwise from the top left of the text, in fractions of the image as shown. */
export const drawnPolygon = z
  .tuple([corner, corner, corner, corner])
  .refine(hasArea, 'The polygon is too small to hold text.');

/**
 * `seen` is the text that the caller saw. When the line has changed since, the change is rejected (`line-changed`). A
 * line without an id is added. A line with an id of the caller's own (`m` and a ULID) is added once, however often it
 * is sent.
 */
const lineChange = z
  .strictObject({
    id: z.string().max(40).optional(),
    text: lineText.nullable().optional(),
    seen: lineText.optional(),
    accepted: z.literal(true).optional(),
    polygon: drawnPolygon.optional(),
  })
  .refine(
    (line) => line.text !== undefined || line.accepted || (line.polygon && line.id),
    'Set text, accepted or, for a line added by hand, polygon.',
  );

export const pageChanges = z
  .strictObject({
    number: z.number().int().min(1).optional(),
    rotation: z.literal([0, 90, 180, 270]).optional(),
    straightened: z.boolean().optional(),
    lines: z.array(lineChange).max(2000).optional(),
    words: z
      .array(z.strictObject({ id: z.string().max(50), accepted: z.boolean() }))
      .max(2000)
      .optional(),
    /** Accepts every unsure word of the page. */
    accepted: z.literal(true).optional(),
    reviewed: z.boolean().optional(),
    /** Who is to review the page. `null`: whoever the project is assigned to. */
    assigneeId: granteeId.nullable().optional(),
    revision: z.number().int().optional(),
  })
  .refine(
    ({ revision: _, ...changes }) => Object.keys(changes).length > 0,
    'Set number, rotation, straightened, lines, words, accepted, reviewed or assigneeId.',
  );

/** Converts the API's form to the service's. */
export function toPageChanges({
  lines,
  words,
  accepted,
  ...changes
}: z.infer<typeof pageChanges>): PageChanges {
  return {
    ...changes,
    ...(accepted && { accept: 'all' }),
    ...(lines && {
      lines: Object.fromEntries(lines.map(({ id = `m${makeUlid()}`, ...line }) => [id, line])),
    }),
    ...(words && { words: Object.fromEntries(words.map(({ id, accepted }) => [id, accepted])) }),
  };
}
