import { PaperliftError } from '../errors.ts';
import { type Import, isImportOver } from '../imports/import.ts';
import { isFinal, type PageSummary } from '../pages/page.ts';

/** Throws a conflict that names what to wait for, unless something can be exported now. */
export function assertExportable(items: PageSummary[], files: Import[], maxPages: number) {
  const file = files.find((each) => !isImportOver(each));
  if (file) {
    throw new PaperliftError('conflict', {
      code: 'import-under-way',
      message: `The file “${file.fileName}” is still being split into pages.`,
      hint: 'Wait until all its pages are ready, then export.',
    });
  }
  const inFlight = items.filter((page) => !isFinal(page)).length;
  if (inFlight > 0) {
    throw new PaperliftError('conflict', {
      code: 'pages-under-way',
      message: `${inFlight === 1 ? 'One page is' : `${inFlight} pages are`} still being processed.`,
      hint: 'Wait until every page is ready, then export.',
    });
  }
  if (!items.some((page) => page.status === 'ready')) {
    throw new PaperliftError('conflict', {
      code: 'no-pages',
      message: 'The project has no processed pages.',
      hint: 'Add pages first.',
    });
  }
  if (items.length > maxPages) {
    throw new PaperliftError('too-large', {
      code: 'too-many-pages',
      message: `The project has ${items.length} pages. The maximum for an export is ${maxPages}.`,
      hint: 'Split the project into smaller ones.',
    });
  }
}
