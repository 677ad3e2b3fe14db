// Exports in the API.
import * as z from 'zod';
import { limitParameter } from '../http/query.ts';
import { ulid } from '../ids.ts';
import { knownLanguages } from '../text/languages.ts';
import { type Export, exportFormats, exportStatuses } from './export.ts';

export const exportBody = z.strictObject({
  format: z.enum(exportFormats),
  /** For `docx` and `txt`, where the deployment offers it. */
  translateTo: z.enum(knownLanguages).optional(),
});

export const exportListQuery = z.strictObject({
  cursor: z
    .string()
    .refine((text) => ulid.safeParse(text).success, 'must be the cursor of an earlier answer')
    .optional(),
  limit: limitParameter(50),
});

export const exportAnswer = z.strictObject({
  id: z.string(),
  format: z.enum(exportFormats),
  translateTo: z.enum(knownLanguages).optional(),
  status: z.enum(exportStatuses),
  failure: z.strictObject({ code: z.string(), message: z.string() }).optional(),
  pageCount: z.number().int().optional(),
  sizeBytes: z.number().int().optional(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

export const exportListAnswer = z.strictObject({
  items: z.array(exportAnswer),
  cursor: z.string().optional(),
});

export function toExportAnswer(item: Export): z.infer<typeof exportAnswer> {
  const { id, format, translateTo, status, failure, pageCount, sizeBytes, createdAt, updatedAt } = item;
  return {
    id,
    format,
    ...(translateTo ? { translateTo } : {}),
    status,
    ...(status === 'failed' && failure ? { failure } : {}),
    pageCount,
    sizeBytes,
    createdAt,
    updatedAt,
  };
}
