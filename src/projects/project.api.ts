// Projects as the API gives and takes them.
import * as z from 'zod';
import { type Project, projectName, ulid } from './project.ts';

export const projectBody = z.strictObject({ name: projectName });

export const listQuery = z.object({
  cursor: ulid.optional(),
  scope: z.enum(['mine', 'all']).default('mine'),
});

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
