// The texts that are searched, and the mark of each that the index may be behind it. Both engines read and mark by this.
import { readBatches } from '../aws/batches.ts';
import type { Documents } from '../aws/clients.ts';
import { queryAll } from '../aws/query-all.ts';
import { shardKey } from '../aws/shards.ts';
import type { Page } from '../pages/page.ts';
import type { PageTexts } from '../pages/page-text.store.ts';
import type { Logger } from '../runtime/logger.ts';
import { type Indexed, type ItemKey, keyOfIndexed, manifestKey } from './posting.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  texts: Pick<PageTexts, 'read' | 'readMany'>;
  now: () => Date;
  /** How long a text may wait for its postings before the sweeper writes them. */
  waitMs: number;
  logger: Logger;
}

type Item = Record<string, unknown>;

/** What is searched: a project's name, or a page with its text as it is now. */
export interface IndexedText {
  text: string;
  page?: Page;
}

interface Marked extends Indexed {
  documentVersion: number | undefined;
}

const maxAttempts = 10;

export function createIndexedTexts({ documents, table, texts, now, waitMs, logger }: Dependencies) {
  async function read(key: ItemKey): Promise<Item | undefined> {
    const { Item } = await documents.get({ TableName: table, Key: key, ConsistentRead: true });
    return Item;
  }

  async function announce(what: Indexed): Promise<void> {
    await documents.update({
      TableName: table,
      Key: manifestKey(what),
      UpdateExpression: `SET projectId = :project, ${what.pageId ? 'pageId = :page, ' : ''}dueKey = :kind, dueAt = :at ADD announced :one`,
      ExpressionAttributeValues: {
        ':project': what.projectId,
        ...(what.pageId ? { ':page': what.pageId } : {}),
        ':kind': shardKey('INDEX', what.pageId ?? what.projectId),
        ':at': new Date(now().getTime() + waitMs).toISOString(),
        ':one': 1,
      },
    });
  }

  /** Pages (with their text) or projects, as they are now; by id. */
  async function readAll(keys: Indexed[], attempt = 1): Promise<Map<string, Item>> {
    const items = await readBatches(
      { documents, table },
      keys.map((key) => ({ ...keyOfIndexed(key) })),
      {
        ProjectionExpression:
          'id, projectId, #name, organisationId, ownerId, ownerName, members, createdAt, #status, textId, #text, #language, languages, fileName, #source, revision, rotation, straightened, thumbnailKey, deletedAt',
        ExpressionAttributeNames: {
          '#name': 'name',
          '#status': 'status',
          '#text': 'text',
          '#language': 'language',
          '#source': 'source',
        },
      },
    );
    const pages = items.filter(
      ({ status, deletedAt }) => status === 'ready' && !deletedAt,
    ) as unknown as Page[];
    const found = new Map<string, Item>(items.map((item) => [String(item.id), item]));
    const read = await texts.readMany(pages);
    for (const page of pages) found.set(page.id, { ...page, text: read.get(page.id)?.text });
    const replaced = pages.filter(({ id }) => !read.has(id)); // their text changed in between
    if (replaced.length === 0 || attempt === maxAttempts) return found;
    const again = replaced.map(({ projectId, id }) => ({ projectId, pageId: id }));
    return new Map([...found, ...(await readAll(again, attempt + 1))]);
  }

  return {
    read,
    announce,

    /** Announces, changes, then follows by what is given. */
    async following<T>(
      what: Indexed,
      change: () => Promise<T>,
      follow: (what: Indexed) => Promise<void>,
    ): Promise<T> {
      await announce(what);
      const changed = await change();
      await follow(what).catch((error) =>
        logger.warn({ err: error, ...what }, 'could not update the search index; the sweeper will retry'),
      );
      return changed;
    },

    /** The current text; `undefined` when there is none to find. */
    async textOf(
      { projectId, pageId }: Indexed,
      project: Item | undefined,
    ): Promise<IndexedText | undefined> {
      if (!project || project.deletedAt) return undefined;
      if (!pageId) return { text: String(project.name) };
      for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
        const page = (await read(keyOfIndexed({ projectId, pageId }))) as unknown as Page | undefined;
        if (page?.status !== 'ready') return undefined;
        const found = await texts.read(page);
        if (found) return { page, text: found.text ?? '' };
      }
      throw new Error(`The text of the page ${pageId} is replaced all the time`);
    },

    /** What is marked or indexed of a project, at most `limit`; with the version of its document in OpenSearch. */
    async listMarked(projectId: string, limit?: number): Promise<Marked[]> {
      const query = {
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': `INDEX#${projectId}` },
        ProjectionExpression: 'pageId, documentVersion',
        ConsistentRead: true,
      };
      const items = limit
        ? ((await documents.query({ ...query, Limit: limit })).Items ?? [])
        : await queryAll(documents, query);
      return items.map(({ pageId, documentVersion }) => ({
        projectId,
        pageId: pageId as string | undefined,
        documentVersion: documentVersion as number | undefined,
      }));
    },

    readAll,
  };
}

export type IndexedTexts = ReturnType<typeof createIndexedTexts>;
