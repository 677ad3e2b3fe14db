// Pages as the API gives them. How they are changed: review/review.api.ts.
import * as z from 'zod';
import { failureAnswer, toFailureAnswer } from './failure.api.ts';
import { type Page, type PageSummary, pageStatuses } from './page.ts';
import type { PageDetail } from './page-reader.ts';
import type { Rotation } from './turning.ts';

/** Of `GET …/image` and `…/thumbnail`: the rotation of the page that the image is to go with. */
export const imageQuery = z.strictObject({
  rotation: z
    .enum(['0', '90', '180', '270'])
    .transform((degrees) => Number(degrees) as Rotation)
    .optional(),
});

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
