// Builds the index anew from the texts as they are, while the site runs: changes are written to the new index, too. It may be
// ended at any time, and goes on where it was.
import pMap from 'p-map';
import type { DefaultLanguages } from '../../pages/language-of-page.ts';
import type { Page } from '../../pages/page.ts';
import type { IndexedTexts } from '../indexed-texts.store.ts';
import type { Indexed } from '../posting.ts';
import type { createBulkWrites } from './bulk-writes.ts';
import { buildDocument, documentId } from './document.ts';
import type { Indexes } from './indexes.ts';

interface Dependencies {
  indexes: Indexes;
  writeAll: ReturnType<typeof createBulkWrites>;
  indexed: Pick<IndexedTexts, 'readAll' | 'listMarked'>;
  defaultLanguages: DefaultLanguages;
}

/** What there is to index. */
export interface Source {
  organisations: string[];
  /** Projects of an organisation, in an order that stays, behind a cursor. */
  listProjects: (
    organisationId: string,
    cursor?: string,
  ) => Promise<{ ids: string[]; cursor?: string | undefined }>;
  /** Pages of a project that are ready. */
  listPages: (projectId: string) => Promise<string[]>;
}

const pagesInRequest = 100;
const projectsAtOnce = 4;

export function createRebuild({ indexes, writeAll, indexed, defaultLanguages }: Dependencies) {
  /** Of what was deleted meanwhile, the deletion has a later version than what is written here. */
  async function writeProject(projectId: string, pageIds: string[]): Promise<number> {
    // before the texts are read: whoever changes one afterwards takes a later version
    const versions = new Map(
      (await indexed.listMarked(projectId)).map((mark) => [documentId(mark), mark.documentVersion]),
    );
    const all: Indexed[] = [{ projectId }, ...pageIds.map((pageId) => ({ projectId, pageId }))];
    let count = 0;
    for (let at = 0; at < all.length; at += pagesInRequest) {
      const some = all.slice(at, at + pagesInRequest);
      const items = await indexed.readAll([{ projectId }, ...some.filter(({ pageId }) => pageId)]);
      const project = items.get(projectId);
      if (!project || project.deletedAt) return count;
      const writes = await pMap(some, async (what) => {
        const id = documentId(what);
        const item = items.get(id);
        if (!item || item.deletedAt || (what.pageId && item.status !== 'ready')) return [];
        const found = what.pageId
          ? { page: item as unknown as Page, text: String(item.text ?? '') }
          : { text: String(item.name) };
        const document = await buildDocument(what, project, found, defaultLanguages);
        return [{ id, version: versions.get(id) ?? 1, document }];
      });
      await writeAll(writes.flat(), 'building');
      count += writes.flat().length;
    }
    return count;
  }

  /** Returns how many texts were written. */
  return async function rebuild(
    { organisations, listProjects, listPages }: Source,
    report: (count: number) => void = () => {},
  ): Promise<number> {
    const { name, cursor } = await indexes.beginBuilding();
    const [lastOrganisation = '', lastCursor = ''] = cursor?.split(' ') ?? [];
    let count = 0;
    for (const organisationId of organisations.toSorted()) {
      if (organisationId < lastOrganisation) continue;
      let behind = organisationId === lastOrganisation && lastCursor ? lastCursor : undefined;
      do {
        const list = await listProjects(organisationId, behind);
        const counts = await pMap(list.ids, async (id) => writeProject(id, await listPages(id)), {
          concurrency: projectsAtOnce,
        });
        count += counts.reduce((sum, each) => sum + each, 0);
        report(count);
        behind = list.cursor;
        if (behind) await indexes.remember(name, `${organisationId} ${behind}`);
      } while (behind);
    }
    await indexes.swap(name);
    return count;
  };
}
