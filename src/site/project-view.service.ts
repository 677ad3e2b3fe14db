// All that a project's page shows, for who may see it, read at one time.
import type { ExportStore } from '../exports/export.store.ts';
import type { ImportStore } from '../imports/import.store.ts';
import { type DefaultLanguages, withLanguage } from '../pages/language-of-page.ts';
import type { PageStore } from '../pages/page.store.ts';
import type { SummaryService } from '../pages/summary.service.ts';
import type { Person } from '../people/person.ts';
import type { ProjectService } from '../projects/project.service.ts';

interface Dependencies {
  projects: Pick<ProjectService, 'viewContents'>;
  pages: Pick<PageStore, 'listIn' | 'listDeletedIn'>;
  imports: Pick<ImportStore, 'listIn'>;
  exports: Pick<ExportStore, 'listIn'>;
  summaries: Pick<SummaryService, 'check'>;
  /** Of projects that choose none. */
  defaultLanguages: DefaultLanguages;
}

const shownExports = 50;

export function createProjectViewService({
  projects,
  pages,
  imports,
  exports,
  summaries,
  defaultLanguages,
}: Dependencies) {
  async function readNow(person: Person, projectId: string) {
    const { project, summary, contents } = await projects.viewContents(person, projectId);
    return {
      project,
      summary,
      pages: pages
        .listIn(contents)
        .map((page) => withLanguage(page, { project, defaults: defaultLanguages })),
      deleted: pages.listDeletedIn(contents),
      imports: imports.listIn(contents),
      exports: exports.listIn(contents).slice(0, shownExports),
    };
  }

  return {
    /** What changes on the page while it is open. */
    readNow,

    /** Who opens the page also puts the summary right that lists of projects show. */
    async open(person: Person, projectId: string) {
      const view = await readNow(person, projectId);
      await summaries.check(view, view.pages);
      return view;
    },
  };
}

export type ProjectViewService = ReturnType<typeof createProjectViewService>;
