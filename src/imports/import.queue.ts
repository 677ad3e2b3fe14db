import * as z from 'zod';
import { ulid } from '../ids.ts';
import type { Import } from './import.ts';

/** The message that asks for one step of splitting a file. It uses the queue of the pages. */
export const importJob = z.object({ projectId: ulid, importId: ulid, personId: z.string().optional() });
export type ImportJob = z.infer<typeof importJob>;

export function isImportJob(message: unknown): boolean {
  return importJob.safeParse(message).success;
}

export function toImportJob({ projectId, id: importId, personId }: Import): ImportJob {
  return { projectId, importId, personId };
}

export type EnqueueImport = (item: Import) => Promise<void>;
