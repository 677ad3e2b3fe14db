// Pages as the API gives and takes them.
import { ulid as makeUlid } from 'ulid';
import * as z from 'zod';
import { failureAnswer, importAnswer, toFailureAnswer, toImportAnswer } from '../imports/import.api.ts';
import { ulid } from '../projects/project.ts';
import { hasArea } from '../text/added-lines.ts';
import type { Refusal } from '../uploads/multipart.ts';
import type { Allowance } from '../uploads/page-allowance.store.ts';
import type { Accepted } from '../uploads/upload.service.ts';
import type { PageChanges, PageDetail } from './page.service.ts';
import { type Page, type PageSummary, pageStatuses } from './page.ts';
import type { Rotation } from './turning.ts';

export const lineText = z
  .string()
  .max(2000, 'Use 2,000 characters or fewer for a line.')
  .refine((text) => !/\p{Cc}/u.test(text) && text.isWellFormed(), 'Remove control characters from the line.');

const corner = z.strictObject({ x: z.number().min(0).max(1), y: z.number().min(0).max(1) });

/** Clockwise from the top left of the text, in fractions of the image as it is shown. */
export const drawnPolygon = z
  .tuple([corner, corner, corner, corner])
  .refine(hasArea, 'The polygon is too small to hold text.');

/**
 * `seen` is what the line read for whoever changes it; it is refused (`line-changed`) when it does not any more. A line
 * without an id is added; so is one with an id of the caller's own (`m` and a ULID), which can be sent again safely.
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

/** Of `GET …/image` and `…/thumbnail`: the rotation of the page that the image is to go with. */
export const imageQuery = z.strictObject({
  rotation: z
    .enum(['0', '90', '180', '270'])
    .transform((degrees) => Number(degrees) as Rotation)
    .optional(),
});

export const pageChanges = z
  .strictObject({
    number: z.number().int().min(1).optional(),
    rotation: z.literal([0, 90, 180, 270]).optional(),
    lines: z.array(lineChange).max(2000).optional(),
    words: z
      .array(z.strictObject({ id: z.string().max(50), accepted: z.boolean() }))
      .max(2000)
      .optional(),
    reviewed: z.boolean().optional(),
    revision: z.number().int().optional(),
  })
  .refine(
    ({ revision: _, ...changes }) => Object.keys(changes).length > 0,
    'Set number, rotation, lines, words or reviewed.',
  );

/** As the service takes them. */
export function toPageChanges({ lines, words, ...changes }: z.infer<typeof pageChanges>): PageChanges {
  return {
    ...changes,
    ...(lines && {
      lines: Object.fromEntries(lines.map(({ id = `m${makeUlid()}`, ...line }) => [id, line])),
    }),
    ...(words && { words: Object.fromEntries(words.map(({ id, accepted }) => [id, accepted])) }),
  };
}

const point = z.strictObject({ x: z.number(), y: z.number() });
const polygon = z.array(point).length(4);
const word = z.strictObject({
  /** Names the detected word; absent on words that a person wrote, which say in `detected` what they replace. */
  id: z.string().optional(),
  text: z.string(),
  confidence: z.number(),
  polygon,
  accepted: z.literal(true).optional(),
  detected: z.string().optional(),
});
const line = z.strictObject({
  id: z.string(),
  text: z.string(),
  corrected: z.string().optional(),
  /** A person added the line by hand: `corrected` is its text, and `text`, which was detected, is empty. */
  added: z.literal(true).optional(),
  confidence: z.number(),
  polygon,
  words: z.array(word),
});

export const pageSummaryAnswer = z.strictObject({
  id: z.string(),
  number: z.number().int(),
  status: z.enum(pageStatuses),
  failure: failureAnswer.optional(),
  fileName: z.string(),
  revision: z.number().int(),
  rotation: z.number().int(),
  /** Where the page comes from, when it came in a file of many. */
  source: z.strictObject({ importId: z.string(), page: z.number().int(), hadText: z.boolean() }).optional(),
  width: z.number().int().optional(),
  height: z.number().int().optional(),
  wordCount: z.number().int().optional(),
  doubtfulCount: z.number().int().optional(),
  preview: z.string().optional(),
  reviewedAt: z.iso.datetime().optional(),
  reviewedBy: z.string().optional(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

export const pageListAnswer = z.strictObject({ items: z.array(pageSummaryAnswer) });

const refusalAnswer = z.strictObject({ fileName: z.string(), code: z.string(), message: z.string() });

/** 201 when at least one file became a page or, with many pages, an import; what was refused beside it is named. */
export const uploadAnswer = z.strictObject({
  items: z.array(pageSummaryAnswer),
  imports: z.array(importAnswer).optional(),
  refusals: z.array(refusalAnswer).optional(),
});

/** What is to be uploaded by a presigned address, of exactly this type and length. */
export const announcedUpload = z.strictObject({
  fileName: z.string().min(1).max(10_000),
  contentType: z.string().min(1).max(100),
  size: z.number().int().min(1),
  pageId: ulid.optional(),
});

/** Where to send the bytes, how, and until when. */
export const presignedUploadAnswer = z.strictObject({
  id: z.string(),
  method: z.literal('PUT'),
  url: z.url(),
  headers: z.record(z.string(), z.string()),
  expiresAt: z.iso.datetime(),
});

export const pageAnswer = z.strictObject({
  ...pageSummaryAnswer.omit({ preview: true }).shape,
  text: z.string(),
  lines: z.array(line),
});

export function toPageSummaryAnswer(
  page: Page | PageSummary,
  number: number,
): z.infer<typeof pageSummaryAnswer> {
  return {
    ...facts(page, number),
    ...('preview' in page && page.preview !== undefined ? { preview: page.preview } : {}),
  };
}

/** `all` are the project's pages in their order. */
export function toUploadAnswer(
  { pages, imports }: Accepted,
  all: PageSummary[],
  refusals: Refusal[] = [],
): z.infer<typeof uploadAnswer> {
  return {
    items: pages.map((page) => toPageSummaryAnswer(page, all.findIndex((other) => other.id === page.id) + 1)),
    ...(imports.length > 0 ? { imports: imports.map(toImportAnswer) } : {}),
    ...(refusals.length > 0 ? { refusals } : {}),
  };
}

export function toPageAnswer({ page, number, lines, text }: PageDetail): z.infer<typeof pageAnswer> {
  return { ...facts(page, number), text, lines };
}

function facts(page: Page | PageSummary, number: number) {
  const { id, status, fileName, revision, rotation, width, height, wordCount, doubtfulCount } = page;
  return {
    id,
    number,
    status,
    ...toFailureAnswer(page),
    fileName,
    revision,
    rotation,
    source: page.source,
    width,
    height,
    wordCount,
    doubtfulCount,
    ...(page.reviewedAt ? { reviewedAt: page.reviewedAt, reviewedBy: page.reviewedBy ?? '' } : {}),
    createdAt: page.createdAt,
    updatedAt: page.updatedAt,
  };
}

/** Empty without a limit. */
export const allowanceAnswer = z.strictObject({
  pagesPerDay: z.number().int().optional(),
  pagesLeft: z.number().int().optional(),
  resetsAt: z.iso.datetime().optional(),
});

export function toAllowanceAnswer(allowance: Allowance | undefined) {
  return allowanceAnswer.parse(allowance ? { ...allowance, resetsAt: allowance.resetsAt.toISOString() } : {});
}
