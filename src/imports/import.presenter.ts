// What a project's page shows of files that are being split or have failed.

import { countOf, formatCount, formatFileName } from '../http/formatting.ts';
import { isRetryable } from '../pages/retryable.ts';
import { projectUrl } from '../projects/project.presenter.ts';
import type { Project } from '../projects/project.ts';
import { type Import, isImportOver } from './import.ts';

export interface ImportsInput {
  project: Pick<Project, 'id'>;
  imports: Import[];
  mayChange: boolean;
}

/** Imports in progress and failed ones, as `projects/imports` shows them. */
export function presentImports({ project, imports, mayChange }: ImportsInput) {
  const shown = imports.filter((item) => item.status !== 'done');
  return {
    items: shown.map((item) => presentImport(project, item)),
    inFlight: shown.filter((item) => !isImportOver(item)).length,
    announcement: announce(shown),
    mayChange,
  };
}

/** For screen readers. Leaves out the count, which would be announced all the time. */
function announce(shown: Import[]): string {
  const failed = shown.filter((item) => item.status === 'failed').length;
  const inFlight = shown.length - failed;
  return [
    ...(inFlight > 0 ? [` ${countOf(inFlight, 'file')} being split into pages.`] : []),
    ...(failed > 0 ? [` ${countOf(failed, 'file')} couldn’t be split.`] : []),
  ].join('');
}

function presentImport(project: Pick<Project, 'id'>, item: Import) {
  const url = `${projectUrl(project)}/imports/${item.id}`;
  const hasFailed = item.status === 'failed';
  return {
    id: item.id,
    fileName: formatFileName(item.fileName),
    hasFailed,
    mayRetry: isRetryable(item),
    message: hasFailed
      ? (item.failure?.message ?? 'The file couldn’t be split into pages. Try again.')
      : undefined,
    progress: describeProgress(item),
    done: item.pagesDone,
    /** The progress bar's maximum. Without it the bar is indeterminate. */
    max: item.pageCount,
    note: noteOf(item),
    retryUrl: `${url}/retry`,
    removeUrl: `${url}/remove`,
    removeLabel: hasFailed ? 'Remove' : 'Cancel',
    /** Names what else is deleted, for screen readers. */
    removeHint: item.pagesDone === 0 ? '' : ` and its ${countOf(item.pagesDone, 'page')}`,
  };
}

function describeProgress({ status, pageCount, pagesDone }: Import): string {
  if (pageCount === undefined)
    return { queued: 'waiting', splitting: 'opening…', done: '', failed: '' }[status];
  return `${formatCount(pagesDone)} of ${countOf(pageCount, 'page')}`;
}

function noteOf({ pagesWithText }: Import): string | undefined {
  if (pagesWithText === 0) return undefined;
  const has = pagesWithText === 1 ? '1 page has' : `${formatCount(pagesWithText)} pages have`;
  return `${has} text already. Paperlift uses it where it matches what the page shows.`;
}
