// Builds the search index from all projects and pages: once after an upgrade from a version without one, after a change of the
// engine, and where a release says so. Uses the worker's environment, and may run beside everything else and repeatedly. With
// OpenSearch, one that was ended goes on where it was.
import { withSecrets } from './aws/secrets.ts';
import { compose } from './compose.ts';
import { loadConfig } from './config/config.ts';
import type { Source } from './search/opensearch/rebuild.ts';

const services = compose(loadConfig(await withSecrets(process.env)));
const { stores, searchEngine, config, rebuildSearchIndex } = services;

const source: Source = {
  organisations: config.organisations.map(({ id }) => id),
  listProjects: async (organisationId, cursor) => {
    const list = await stores.projects.list({
      whose: { organisationId },
      order: 'newest',
      limit: 50,
      ...(cursor ? { cursor } : {}),
    });
    return { ids: list.items.map(({ project }) => project.id), cursor: list.cursor };
  },
  listPages: async (projectId) =>
    (await stores.pages.list(projectId)).flatMap(({ id, status }) => (status === 'ready' ? [id] : [])),
};

/** The embedded index has no second copy: each text is followed as if it had just changed. */
async function followAll(): Promise<number> {
  let count = 0;
  const follow = async (what: { projectId: string; pageId?: string }) => {
    await searchEngine.announce(what);
    await searchEngine.follow(what);
    count += 1;
  };
  for (const organisationId of source.organisations) {
    let cursor: string | undefined;
    do {
      const list = await source.listProjects(organisationId, cursor);
      for (const projectId of list.ids) {
        await follow({ projectId });
        for (const pageId of await source.listPages(projectId)) await follow({ projectId, pageId });
      }
      cursor = list.cursor;
    } while (cursor);
  }
  return count;
}

const count = await (config.opensearch ? rebuildSearchIndex(source) : followAll());
process.stdout.write(`${count} projects and pages are in the search index\n`);
services.destroy();
