import { createHash } from 'node:crypto';
import type { PageSummary } from '../pages/page.ts';
import type { Project } from '../projects/project.ts';

/** Incremented when the same pages produce different exports; stored files of older versions are then stale. */
const rendererVersion = 3;

/** Identifies the state of a project as far as exports show it: equal fingerprints mean equal exports. */
export function fingerprintOf(project: Project, pages: PageSummary[]): string {
  const state = [
    rendererVersion,
    project.name,
    ...pages.map((page) => [page.id, page.revision, page.updatedAt]),
  ];
  return createHash('sha256').update(JSON.stringify(state)).digest('base64url');
}
