import * as z from 'zod';
import { ulid } from '../ids.ts';
import type { Page } from './page.ts';

/** The message that asks for one revision of a page to be processed. */
export const pageJob = z.object({
  projectId: ulid,
  pageId: ulid,
  revision: z.number().int().positive(),
  personId: z.string().optional(),
});
export type PageJob = z.infer<typeof pageJob>;

export function toPageJob({ projectId, id: pageId, revision, personId }: Page): PageJob {
  return { projectId, pageId, revision, personId };
}

export type EnqueuePage = (page: Page) => Promise<void>;
