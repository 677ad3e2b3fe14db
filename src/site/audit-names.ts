// Looks up the current names of ids in audit entries. Names of deleted things come from the entries.
import type { AuditEntry } from '../audit/audit.ts';
import { type AuditNamer, type AuditNames, namesIn } from '../audit/audit-names.ts';
import type { ImportStore } from '../imports/import.store.ts';
import type { PageStore } from '../pages/page.store.ts';
import { organisationOf } from '../people/organisation.ts';
import type { PersonStore } from '../people/person.store.ts';
import type { Person } from '../people/person.ts';
import type { ServiceAccountStore } from '../people/service-account.store.ts';
import { isServiceAccountId } from '../people/service-account.ts';
import type { ProjectStore } from '../projects/project.store.ts';

interface Dependencies {
  projects: Pick<ProjectStore, 'find'>;
  pages: Pick<PageStore, 'list' | 'listEvenDeleted'>;
  imports: Pick<ImportStore, 'list'>;
  people: Pick<PersonStore, 'find'>;
  serviceAccounts: Pick<ServiceAccountStore, 'find'>;
}

/** The limit of projects that are looked up for one list of entries. */
const maxProjects = 20;

/** Nothing of another organisation has a name here. */
const ofTheirs = <T extends object>(asking: Person, found: T | undefined) =>
  found && organisationOf(found) === asking.organisationId ? found : undefined;

export function createAuditNamer(dependencies: Dependencies): AuditNamer {
  const { projects, pages, imports, people, serviceAccounts } = dependencies;
  async function lookUp<T>(ids: Iterable<string | undefined>, find: (id: string) => Promise<T | undefined>) {
    const found = new Map<string, T>();
    const different = [...new Set(ids)].filter((id) => id !== undefined);
    await Promise.all(
      different.map(async (id) => {
        const one = await find(id);
        if (one !== undefined) found.set(id, one);
      }),
    );
    return found;
  }

  /** Names for these entries. The caller has checked that the person may read trails. */
  return async function nameFor(
    asking: Person,
    entries: AuditEntry[],
    personIds: string[] = [],
  ): Promise<AuditNames> {
    const said = namesIn(entries);
    const withPages = entries.filter(({ pageId, detail }) => pageId || /[0-9A-Z]{26}/.test(detail ?? ''));
    const projectIds = [...new Set(withPages.flatMap(({ projectId }) => projectId ?? []))].slice(
      0,
      maxProjects,
    );
    const [projectById, personById, held] = await Promise.all([
      lookUp(
        entries.map(({ projectId }) => projectId),
        async (id) => (said.project(id) ? undefined : ofTheirs(asking, await projects.find(id))),
      ),
      lookUp([...personIds, ...entries.map(({ personId }) => personId)], async (id) =>
        ofTheirs(asking, await (isServiceAccountId(id) ? serviceAccounts : people).find(id)),
      ),
      Promise.all(
        projectIds.map(async (id) => ({
          listed: await pages.list(id),
          all: await pages.listEvenDeleted(id),
          files: await imports.list(id),
        })),
      ),
    ]);
    const pageById = new Map<string, { number?: number; fileName: string }>();
    const fileById = new Map<string, string>();
    for (const { listed, all, files } of held) {
      for (const { id, fileName } of all) pageById.set(id, { fileName });
      for (const [at, { id, fileName }] of listed.entries()) pageById.set(id, { number: at + 1, fileName });
      for (const { id, fileName } of files) fileById.set(id, fileName);
    }
    return {
      project: (id) => said.project(id) ?? projectById.get(id)?.name,
      page: (id) => pageById.get(id) ?? said.page(id),
      file: (id) => fileById.get(id) ?? said.file(id),
      person: (id) => personById.get(id)?.name ?? said.person(id),
    };
  };
}
