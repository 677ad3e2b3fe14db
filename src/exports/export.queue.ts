import * as z from 'zod';
import { ulid } from '../ids.ts';
import type { Export } from './export.ts';

/** The message that asks for an export to be rendered. */
export const exportJob = z.object({ projectId: ulid, exportId: ulid, personId: z.string().optional() });
export type ExportJob = z.infer<typeof exportJob>;

export function toExportJob({ projectId, id: exportId, requestedBy: personId }: Export): ExportJob {
  return { projectId, exportId, personId };
}

export type EnqueueExport = (item: Export) => Promise<void>;
