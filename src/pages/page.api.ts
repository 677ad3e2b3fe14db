// Pages in the API. Their changes: review/review.api.ts.
import * as z from 'zod';
import { languageAnswer, languageList } from '../projects/language-list.ts';
import type { Rotation } from '../text/rotated-polygons.ts';
import { failureAnswer, toFailureAnswer } from './failure.api.ts';
import { type Page, type PageSummary, pageStatuses, textSources } from './page.ts';
import type { PageDetail } from './page-reader.ts';

/** For `GET …/image` and `…/thumbnail`: the rotation that the image should match. */
export const imageQuery = z.strictObject({
  rotation: z
    .enum(['0', '90', '180', '270'])
    .transform((degrees) => Number(degrees) as Rotation)
    .optional(),
  straightened: z
    .enum(['true', 'false'])
    .transform((is) => is === 'true')
    .optional(),
});

/**
 * For `POST …/retry`. Without `languages`, they stay as they are; empty, they are the project's again. A ready page is only
 * processed again when it is to be read differently.
 */
export const retryBody = z.strictObject({
  languages: languageList.optional(),
  textSource: z.enum(textSources).optional(),
  discardCorrections: z.boolean().optional(),
});

const point = z.strictObject({ x: z.number(), y: z.number() });
const polygon = z.array(point).length(4);
const word = z.strictObject({
  /** The id of the detected word. Missing on words that a person wrote; their `detected` names what they replace. */
  id: z.string().optional(),
  text: z.string(),
  confidence: z.number(),
  polygon,
  /** Missing where the text detector does not say, and on words that a person wrote. */
  textType: z.enum(['handwriting', 'printed']).optional(),
  accepted: z.literal(true).optional(),
  detected: z.string().optional(),
});
const line = z.strictObject({
  id: z.string(),
  text: z.string(),
  corrected: z.string().optional(),
  /** The line was added by hand: `corrected` is its text, and `text`, the detected one, is empty. */
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
  /** The languages that were chosen for this page. Missing: the project's apply. */
  languages: z.array(languageAnswer).optional(),
  /** What the text is written in (BCP 47). Missing when it cannot be told. */
  language: languageAnswer.optional(),
  revision: z.number().int(),
  rotation: z.number().int(),
  /** Where the text comes from: read from the image, or the PDF's own. */
  textSource: z.enum(textSources),
  /** Set when the page was rotated by its text. Setting `rotation` to this undoes it. */
  turnedFrom: z.number().int().optional(),
  /** The tilt of the text in degrees clockwise, where it can be taken out. */
  tilt: z.number().optional(),
  /** Whether it is taken out of the image and the polygons. */
  straightened: z.boolean(),
  /** Set when the page comes from a file of many pages. */
  source: z.strictObject({ importId: z.string(), page: z.number().int(), hadText: z.boolean() }).optional(),
  width: z.number().int().optional(),
  height: z.number().int().optional(),
  wordCount: z.number().int().optional(),
  doubtfulCount: z.number().int().optional(),
  preview: z.string().optional(),
  reviewedAt: z.iso.datetime().optional(),
  reviewedBy: z.string().optional(),
  /** Set when this page is assigned by itself. Without it, the project's assignee is to review it. */
  assignee: z.strictObject({ id: z.string(), name: z.string() }).optional(),
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
  const { id, status, fileName, revision, rotation, turnedFrom, width, height, wordCount, doubtfulCount } =
    page;
  return {
    id,
    number,
    status,
    ...toFailureAnswer(page),
    fileName,
    ...(page.languages ? { languages: page.languages } : {}),
    ...(page.language ? { language: page.language } : {}),
    revision,
    rotation,
    textSource: page.textSource ?? 'ocr',
    turnedFrom,
    tilt: page.tilt,
    straightened: page.straightened !== undefined,
    source: page.source,
    width,
    height,
    wordCount,
    doubtfulCount,
    ...(page.reviewedAt ? { reviewedAt: page.reviewedAt, reviewedBy: page.reviewedBy ?? '' } : {}),
    ...(page.assignment ? { assignee: { id: page.assignment.id, name: page.assignment.name } } : {}),
    createdAt: page.createdAt,
    updatedAt: page.updatedAt,
  };
}
