// Pages as the API gives and takes them.
import * as z from 'zod';
import { ulid } from '../projects/project.ts';
import type { PageDetail } from './page.service.ts';
import { type Page, type PageSummary, pageStatuses } from './page.ts';

const lineText = z
  .string()
  .max(2000, 'A line holds at most 2000 characters.')
  .refine((text) => !/\p{Cc}/u.test(text) && text.isWellFormed(), 'A line holds no control characters.');

export const pageChanges = z
  .strictObject({
    number: z.number().int().min(1).optional(),
    rotation: z.literal([0, 90, 180, 270]).optional(),
    lines: z
      .array(z.strictObject({ id: z.string().max(40), text: lineText.nullable() }))
      .max(2000)
      .optional(),
  })
  .refine((changes) => Object.keys(changes).length > 0, 'Give number, rotation or lines.');

const point = z.strictObject({ x: z.number(), y: z.number() });
const polygon = z.array(point).length(4);
const word = z.strictObject({ text: z.string(), confidence: z.number(), polygon });
const line = z.strictObject({
  id: z.string(),
  text: z.string(),
  corrected: z.string().optional(),
  confidence: z.number(),
  polygon,
  words: z.array(word),
});
const failure = z.strictObject({ code: z.string(), message: z.string() });

export const pageSummaryAnswer = z.strictObject({
  id: z.string(),
  number: z.number().int(),
  status: z.enum(pageStatuses),
  failure: failure.optional(),
  fileName: z.string(),
  revision: z.number().int(),
  rotation: z.number().int(),
  width: z.number().int().optional(),
  height: z.number().int().optional(),
  wordCount: z.number().int().optional(),
  doubtfulCount: z.number().int().optional(),
  preview: z.string().optional(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

export const pageListAnswer = z.strictObject({ items: z.array(pageSummaryAnswer) });

const refusalAnswer = z.strictObject({ fileName: z.string(), code: z.string(), message: z.string() });

/** 201 when at least one file became a page; what was refused beside it is named. */
export const uploadAnswer = z.strictObject({
  items: z.array(pageSummaryAnswer),
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

export function toPageAnswer({ page, number, lines, text }: PageDetail): z.infer<typeof pageAnswer> {
  return { ...facts(page, number), text, lines };
}

function facts(page: Page | PageSummary, number: number) {
  const { id, status, failure, fileName, revision, rotation, width, height, wordCount, doubtfulCount } = page;
  return {
    id,
    number,
    status,
    ...(status === 'failed' && failure ? { failure } : {}),
    fileName,
    revision,
    rotation,
    width,
    height,
    wordCount,
    doubtfulCount,
    createdAt: page.createdAt,
    updatedAt: page.updatedAt,
  };
}
