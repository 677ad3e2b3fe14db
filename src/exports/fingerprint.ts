import { createHash } from 'node:crypto';
import type { PageSummary } from '../pages/page.ts';
import type { Project } from '../projects/project.ts';

/** Raised when exports come out differently of the same pages: stored files of older versions are stale then. */
const rendererVersion = 2;

/** Names a state of a project, as far as it shows in an export: equal when an export would come out the same. */
export function fingerprintOf(project: Project, pages: PageSummary[]): string {
  const state = [
    rendererVersion,
    project.name,
    ...pages.map((page) => [page.id, page.revision, page.updatedAt]),
  ];
  return createHash('sha256').update(JSON.stringify(state)).digest('base64url');
}
