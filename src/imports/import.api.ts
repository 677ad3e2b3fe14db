// Imports in the API.
import * as z from 'zod';
import { failureAnswer, toFailureAnswer } from '../pages/failure.api.ts';
import { type Import, importStatuses } from './import.ts';

export const importAnswer = z.strictObject({
  id: z.string(),
  fileName: z.string(),
  status: z.enum(importStatuses),
  failure: failureAnswer.optional(),
  /** Known once the file has been opened. */
  pageCount: z.number().int().optional(),
  /** How many pages exist in the project so far. Never decreases. */
  pagesDone: z.number().int(),
  /** How many of those had text of their own, real or not: each page's `textSource` tells what was used. */
  pagesWithText: z.number().int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

export const importListAnswer = z.strictObject({ items: z.array(importAnswer) });

export function toImportAnswer(item: Import): z.infer<typeof importAnswer> {
  const { id, fileName, status, pageCount, pagesDone, pagesWithText, createdAt, updatedAt } = item;
  return {
    id,
    fileName,
    status,
    ...toFailureAnswer(item),
    ...(pageCount === undefined ? {} : { pageCount }),
    pagesDone,
    pagesWithText,
    createdAt,
    updatedAt,
  };
}
