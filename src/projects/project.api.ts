// Projects as the API gives and takes them.
import * as z from 'zod';
import { type Project, type ProjectOrder, projectName, projectOrders, ulid } from './project.ts';

export const projectBody = z.strictObject({ name: projectName });

export const listQuery = z.object({
  cursor: z.string().max(3000).optional(),
  scope: z.enum(['mine', 'all']).default('mine'),
  sort: z.enum(projectOrders).default('newest'),
  q: z.string().max(200).optional(),
});

/** What a project is sorted by, and its id. */
const placeInOrder = z
  .string()
  .max(1024)
  .regex(/#[0-7][0-9A-HJKMNP-TV-Z]{25}$/s);

/** Where a list goes on. Newest first, that is behind a project's id; otherwise it is not for people to read. */
export function writeCursor(order: ProjectOrder, cursor: string): string {
  return order === 'newest' ? cursor : Buffer.from(cursor).toString('base64url');
}

/** Throws (invalid) for what is no cursor. */
export function readCursor(order: ProjectOrder, cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  if (order === 'newest') return ulid.parse(cursor);
  return placeInOrder.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
}

export const projectAnswer = z.strictObject({
  id: z.string(),
  name: z.string(),
  owner: z.strictObject({ id: z.string(), name: z.string() }),
  createdAt: z.iso.datetime(),
  pageCount: z.number().int(),
});

export const projectListAnswer = z.strictObject({
  items: z.array(projectAnswer),
  cursor: z.string().optional(),
});

export function toProjectAnswer(project: Project, pageCount: number): z.infer<typeof projectAnswer> {
  const { id, name, ownerId, ownerName, createdAt } = project;
  return { id, name, owner: { id: ownerId, name: ownerName }, createdAt, pageCount };
}
