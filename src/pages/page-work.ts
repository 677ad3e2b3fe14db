import type { PageSummary, StoredText } from './page.ts';

/** Whether a person changed the page's text or marked it as reviewed. */
export function hasWork(page: PageSummary & StoredText): boolean {
  const isSome = (things: object | undefined) => Object.keys(things ?? {}).length > 0;
  return Boolean(page.reviewedAt) || isSome(page.corrections) || isSome(page.added) || isSome(page.accepted);
}
