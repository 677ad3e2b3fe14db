// Adds every project and page to the search index, once after an upgrade from a version without one. Uses the worker's
// environment, and may run beside everything else and repeatedly.
import { compose } from '../src/compose.ts';
import { loadConfig } from '../src/config/config.ts';

const services = compose(loadConfig(process.env));
const { stores, textIndex } = services;
let [projects, pages] = [0, 0];

async function index(what: { projectId: string; pageId?: string }) {
  await textIndex.announce(what);
  await textIndex.follow(what);
}

for (const { id: organisationId } of services.config.organisations) {
  let cursor: string | undefined;
  do {
    const list = await stores.projects.list({
      whose: { organisationId },
      order: 'newest',
      limit: 50,
      ...(cursor ? { cursor } : {}),
    });
    for (const { project } of list.items) {
      await index({ projectId: project.id });
      const read = (await stores.pages.list(project.id)).filter(({ status }) => status === 'ready');
      for (const page of read) await index({ projectId: project.id, pageId: page.id });
      projects += 1;
      pages += read.length;
    }
    cursor = list.cursor;
  } while (cursor);
}

process.stdout.write(`${projects} projects and ${pages} pages are in the search index\n`);
services.destroy();
