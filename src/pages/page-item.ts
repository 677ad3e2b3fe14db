// How a page is stored. A project's page of the site reads the items of all its pages, so they are kept small: without the
// folder that the keys of their objects share (docs/decisions/0047).
import { pageKeys } from './page.keys.ts';

type Attributes = Record<string, unknown>;

interface Address {
  projectId: string;
  id: string;
}

const objectKeys = ['originalKey', 'imageKey', 'thumbnailKey', 'detectionKey', 'ownTextKey'] as const;

/**
 * Attributes of a page, all or some, as they are stored. A key in the page's folder is stored from its slash on
 * (`/r1/a1/image.jpg`), any other key whole.
 */
export function toStoredPage(address: Address, attributes: Attributes): Attributes {
  const folder = withoutSlash(pageKeys.all(address));
  const stored = { ...attributes };
  for (const name of objectKeys) {
    const key = attributes[name];
    if (typeof key === 'string' && key.startsWith(`${folder}/`)) stored[name] = key.slice(folder.length);
  }
  return stored;
}

/** The opposite. Items that were written before this layout are returned as they are. */
export function fromStoredPage<Page>(item: Attributes): Page {
  const folder = withoutSlash(pageKeys.all({ projectId: String(item.projectId), id: String(item.id) }));
  const page = { ...item };
  for (const name of objectKeys) {
    const key = item[name];
    if (typeof key === 'string' && key.startsWith('/')) page[name] = folder + key;
  }
  return page as Page;
}

const withoutSlash = (folder: string) => folder.replace(/\/$/, '');
