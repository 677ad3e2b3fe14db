import * as z from 'zod';
import { ulid } from '../projects/project.ts';

/** The message that asks for one revision of a page to be prepared and detected. */
export const pageJob = z.object({
  projectId: ulid,
  pageId: ulid,
  revision: z.number().int().positive(),
  personId: z.string().optional(),
});
export type PageJob = z.infer<typeof pageJob>;

/** The message that asks for a file to be split into pages, a step of it. It goes the same way as theirs. */
export const importJob = z.object({ projectId: ulid, importId: ulid, personId: z.string().optional() });
export type ImportJob = z.infer<typeof importJob>;

export function isImportJob(message: unknown): boolean {
  return importJob.safeParse(message).success;
}
