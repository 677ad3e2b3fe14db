// Uploads in the API.
import * as z from 'zod';
import type { PresignedPut } from '../aws/presigned.ts';
import { ulid } from '../ids.ts';
import { importAnswer, toImportAnswer } from '../imports/import.api.ts';
import { pageSummaryAnswer, toPageSummaryAnswer } from '../pages/page.api.ts';
import type { PageSummary } from '../pages/page.ts';
import type { Accepted } from './accepted.ts';
import type { PresignedUpload } from './presigned-upload.store.ts';
import type { Refusal } from './upload-refused.error.ts';

const refusalAnswer = z.strictObject({ fileName: z.string(), code: z.string(), message: z.string() });

/** 201 when at least one file became a page or an import. Rejected files are listed. */
export const uploadAnswer = z.strictObject({
  items: z.array(pageSummaryAnswer),
  imports: z.array(importAnswer).optional(),
  refusals: z.array(refusalAnswer).optional(),
});

/** A file to be uploaded through a presigned URL, of exactly this type and length. */
export const announcedUpload = z.strictObject({
  fileName: z.string().min(1).max(10_000),
  contentType: z.string().min(1).max(100),
  size: z.number().int().min(1),
  pageId: ulid.optional(),
});

/** Where and how to send the bytes, and until when. */
export const presignedUploadAnswer = z.strictObject({
  id: z.string(),
  method: z.literal('PUT'),
  url: z.url(),
  headers: z.record(z.string(), z.string()),
  expiresAt: z.iso.datetime(),
});

/** `all` are the project's pages, in order. */
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

export function toPresignedUploadAnswer({ upload, put }: { upload: PresignedUpload; put: PresignedPut }) {
  const { expiresInSeconds, ...call } = put;
  const expiresAt = new Date(Date.parse(upload.createdAt) + expiresInSeconds * 1000).toISOString();
  return presignedUploadAnswer.parse({ id: upload.id, ...call, expiresAt });
}
