import * as z from 'zod';
import { ulid } from '../projects/project.ts';

/** The message that asks for one revision of a page to be prepared and detected. */
export const pageJob = z.object({ projectId: ulid, pageId: ulid, revision: z.number().int().positive() });
export type PageJob = z.infer<typeof pageJob>;
