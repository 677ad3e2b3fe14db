// Searches in the API.
import * as z from 'zod';
import { limitParameter } from '../http/query.ts';
import { ulid } from '../ids.ts';
import type { Hit, SearchResult } from './hit.ts';

export const searchQuery = z.strictObject({
  q: z.string().default(''),
  scope: z.enum(['mine', 'all']).default('mine'),
  cursor: z
    .string()
    .refine(
      (text) => ulid.safeParse(text).success || /^~[\w-]{1,200}$/.test(text),
      'must be a cursor from an earlier response',
    )
    .optional(),
  limit: limitParameter(20),
});

export const searchAnswer = z.strictObject({
  items: z.array(
    z.strictObject({
      project: z.strictObject({
        id: z.string(),
        name: z.string(),
        owner: z.strictObject({ id: z.string(), name: z.string() }),
      }),
      page: z
        .strictObject({
          id: z.string(),
          number: z.number().int().optional(),
          fileName: z.string(),
          pageOfFile: z.number().int().optional(),
        })
        .optional(),
      line: z.array(z.strictObject({ text: z.string(), found: z.boolean() })),
      moreLines: z.number().int(),
    }),
  ),
  cursor: z.string().optional(),
  isCut: z.boolean(),
});

export function toSearchAnswer({ items, cursor, isCut }: SearchResult): z.infer<typeof searchAnswer> {
  return { items: items.map(toHitAnswer), ...(cursor ? { cursor } : {}), isCut };
}

function toHitAnswer({ project, page, line, moreLines }: Hit) {
  const { id, name, ownerId, ownerName } = project;
  return {
    project: { id, name, owner: { id: ownerId, name: ownerName } },
    ...(page
      ? { page: { id: page.id, number: page.number, fileName: page.fileName, pageOfFile: page.pageOfFile } }
      : {}),
    line,
    moreLines,
  };
}
