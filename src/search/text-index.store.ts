// The search index: one item ("posting") for each word of each page and of each project's name. Candidates are compared
// with the current text, so stale postings show nothing.
import { readBatches, writeBatches, writesInRequest } from '../aws/batches.ts';
import type { Documents } from '../aws/clients.ts';
import { deleteIf, updateIf } from '../aws/conditions.ts';
import { queryAll } from '../aws/query-all.ts';
import { queryShards, shardKey } from '../aws/shards.ts';
import type { Page } from '../pages/page.ts';
import type { PageTexts } from '../pages/page-text.store.ts';
import { organisationOf } from '../people/organisation.ts';
import type { Logger } from '../runtime/logger.ts';
import { takeTurns } from '../runtime/short-turns.ts';
import {
  createPosting,
  everybodys,
  formerlyOwnedBy,
  type Indexed,
  type ItemKey,
  keyOfIndexed,
  manifestKey,
  ownedBy,
  type PostingOwner,
  placesOfPosting,
} from './posting.ts';
import { addKeys } from './words.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  texts: Pick<PageTexts, 'read' | 'readMany'>;
  now: () => Date;
  /** How long a text may wait for its postings before the sweeper writes them. */
  waitMs: number;
  logger: Logger;
}

/** What the index knows about a text: which postings may exist. */
interface Manifest {
  projectId: string;
  pageId?: string;
  ownerId?: string;
  words?: string;
  /** Incremented by everyone who starts writing postings. */
  version?: number;
  /** Incremented by each announced change. */
  announced?: number;
  /** Set while postings are being written: some may be missing. */
  open?: boolean;
  /** How its postings are laid out. Without it some may lie where they were before words were split. */
  layout?: number;
}

type Item = Record<string, unknown>;
const maxAttempts = 10;
/** Words are split by their first letter. */
const currentLayout = 2;

async function gatherKeys(text: string): Promise<Set<string>> {
  const keys = new Set<string>();
  const takeTurn = takeTurns();
  const lines = text.split('\n');
  for (const [at, line] of lines.entries()) {
    await takeTurn();
    if (!addKeys(keys, line, lines[at + 1])) break;
  }
  return keys;
}

/** As DynamoDB sorts. */
const inByteOrder = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other));

export function createTextIndex({ documents, table, texts, now, waitMs, logger }: Dependencies) {
  async function read(key: ItemKey): Promise<Record<string, unknown> | undefined> {
    const { Item } = await documents.get({ TableName: table, Key: key, ConsistentRead: true });
    return Item;
  }

  async function write(puts: object[], deletes: ItemKey[]) {
    const requests = [
      ...puts.map((Item) => ({ PutRequest: { Item } })),
      ...deletes.map((Key) => ({ DeleteRequest: { Key } })),
    ];
    const atOnce = 4;
    const share = Math.ceil(requests.length / writesInRequest / atOnce) * writesInRequest;
    const shares = Array.from({ length: atOnce }, (_, at) => requests.slice(at * share, (at + 1) * share));
    await Promise.all(shares.map((some) => writeBatches({ documents, table }, some)));
  }

  /** The current text; `undefined` when there is none to find. */
  async function textOf(
    { projectId, pageId }: Indexed,
    project: Item | undefined,
  ): Promise<string | undefined> {
    if (!project || project.deletedAt) return undefined;
    if (!pageId) return String(project.name);
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const page = (await read(keyOfIndexed({ projectId, pageId }))) as unknown as Page | undefined;
      if (page?.status !== 'ready') return undefined;
      const found = await texts.read(page);
      if (found) return found.text ?? '';
    }
    throw new Error(`The text of the page ${pageId} is replaced all the time`);
  }

  /** Called before a text changes: marks its postings as due, so that the sweeper updates them if no one else does. */
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

  /** Updates the postings to match the current text. Safe to run concurrently and to interrupt. */
  async function follow(what: Indexed): Promise<void> {
    const key = manifestKey(what);
    let stray: string[] = [];
    let strayOwner: PostingOwner | undefined;
    const deletionsOf = ({ ownerId }: Pick<PostingOwner, 'ownerId'>, words: string[]) =>
      words.map((word) => placesOfPosting(ownerId, what, word).now);
    const formerDeletionsOf = (ownerId: string, words: string[]) =>
      words.map((word) => placesOfPosting(ownerId, what, word).former);
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const manifest = (await read(key)) as Manifest | undefined;
      const project = await read(keyOfIndexed({ projectId: what.projectId }));
      const ownerId = project?.ownerId ?? manifest?.ownerId;
      if (typeof ownerId !== 'string') {
        if (manifest) await documents.delete({ TableName: table, Key: key });
        return;
      }
      const owner = { ownerId, organisationId: organisationOf(project) };
      const written = (manifest?.words ?? '').split(' ').filter(Boolean);
      const isMoved = manifest?.ownerId !== undefined && manifest.ownerId !== ownerId;
      const isFormer = manifest?.version !== undefined && manifest.layout !== currentLayout;
      // before the manifest names the new owner, so that none of these postings is forgotten
      if (isMoved) {
        const { ownerId: movedFrom } = manifest as { ownerId: string };
        await write([], deletionsOf({ ownerId: movedFrom }, written));
        if (isFormer) await write([], formerDeletionsOf(movedFrom, written));
      }
      if (strayOwner && strayOwner.ownerId !== ownerId) {
        await write([], deletionsOf(strayOwner, stray));
        stray = [];
      }
      const text = await textOf(what, project);
      const wanted = await gatherKeys(text ?? '');
      const there = new Set(isMoved ? stray : [...written, ...stray]);
      const version = (manifest?.version ?? 0) + 1;
      const isFirst = manifest?.version === undefined;
      const begun = await updateIf(documents, {
        TableName: table,
        Key: key,
        UpdateExpression:
          'SET projectId = :project, ownerId = :owner, #words = :words, #version = :version, #open = :yes',
        ConditionExpression: isFirst ? 'attribute_not_exists(#version)' : '#version = :before',
        ExpressionAttributeNames: { '#words': 'words', '#version': 'version', '#open': 'open' },
        ExpressionAttributeValues: {
          ':project': what.projectId,
          ':owner': ownerId,
          ':words': [...new Set([...there, ...wanted])].join(' '),
          ':version': version,
          ':yes': true,
          ...(isFirst ? {} : { ':before': version - 1 }),
        },
      });
      if (!begun) continue;
      const missing = [...wanted].filter((word) => manifest?.open || isFormer || !there.has(word));
      await write(
        missing.map((word) => createPosting(owner, what, word)),
        deletionsOf(
          owner,
          [...there].filter((word) => !wanted.has(word)),
        ),
      );
      if (isFormer && !isMoved) await write([], formerDeletionsOf(ownerId, written));
      if (await end(key, { version, announced: manifest?.announced, wanted, isGone: text === undefined }))
        return;
      stray = missing;
      strayOwner = owner;
    }
  }

  /** `false`: the text has changed, or another writer has started. */
  async function end(
    key: ItemKey,
    done: { version: number; announced: number | undefined; wanted: Set<string>; isGone: boolean },
  ): Promise<boolean> {
    const nothingCame = `#version = :version AND ${done.announced === undefined ? 'attribute_not_exists(announced)' : 'announced = :announced'}`;
    const condition = { TableName: table, Key: key, ConditionExpression: nothingCame };
    const values = {
      ':version': done.version,
      ...(done.announced === undefined ? {} : { ':announced': done.announced }),
    };
    if (done.isGone) {
      return deleteIf(documents, {
        ...condition,
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: values,
      });
    }
    const ended = await updateIf(documents, {
      ...condition,
      UpdateExpression: 'SET #words = :words, layout = :layout REMOVE dueKey, dueAt, #open',
      ExpressionAttributeNames: { '#words': 'words', '#version': 'version', '#open': 'open' },
      ExpressionAttributeValues: {
        ...values,
        ':words': [...done.wanted].join(' '),
        ':layout': currentLayout,
      },
    });
    return ended !== undefined;
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
    const read = await texts.readMany(pages);
    const found = new Map<string, Item>(items.map((item) => [String(item.id), item]));
    for (const page of pages) found.set(page.id, { ...page, text: read.get(page.id)?.text });
    const replaced = pages.filter(({ id }) => !read.has(id)); // their text changed in between
    if (replaced.length === 0 || attempt === maxAttempts) return found;
    const again = replaced.map(({ projectId, id }) => ({ projectId, pageId: id }));
    return new Map([...found, ...(await readAll(again, attempt + 1))]);
  }

  async function lookIn(key: string, word: string, limit: number) {
    const { Items: found = [], LastEvaluatedKey } = await documents.query({
      TableName: table,
      KeyConditionExpression: 'pk = :key AND begins_with(sk, :word)',
      ExpressionAttributeValues: { ':key': key, ':word': word },
      ProjectionExpression: 'sk, projectId, pageId',
      Limit: limit,
    });
    return { found: found as Item[], isCut: LastEvaluatedKey !== undefined };
  }

  return {
    announce,
    follow,

    /**
     * Announces, changes, then updates the postings. If that fails, the change stands and the sweeper updates them.
     */
    async following<T>(what: Indexed, change: () => Promise<T>): Promise<T> {
      await announce(what);
      const changed = await change();
      await follow(what).catch((error) =>
        logger.warn({ err: error, ...what }, 'could not update the search index; the sweeper will retry'),
      );
      return changed;
    },

    /** Deletes a deleted project's postings. */
    async forget(projectId: string): Promise<void> {
      for (;;) {
        const { Items = [] } = await documents.query({
          TableName: table,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': `INDEX#${projectId}` },
          ProjectionExpression: 'pk, sk, pageId',
          ConsistentRead: true,
          Limit: 100,
        });
        if (Items.length === 0) return;
        for (const item of Items) await follow({ projectId, pageId: item.pageId as string | undefined });
      }
    },

    /** Gives a project's postings to the owner that it has now. May be repeated. */
    async followOwner(projectId: string): Promise<void> {
      const manifests = await queryAll(documents, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': `INDEX#${projectId}` },
        ProjectionExpression: 'pageId',
        ConsistentRead: true,
      });
      for (const { pageId } of manifests) await follow({ projectId, pageId: pageId as string | undefined });
    },

    /**
     * Postings of words with this prefix: the word itself first, and the newest page first for each word. At most
     * `limit`. Of an owner, or of everyone in the organisation.
     */
    async look(organisationId: string, ownerId: string | undefined, word: string, limit: number) {
      if (ownerId) {
        const keys = [ownedBy(ownerId, word), formerlyOwnedBy(ownerId)];
        const looked = await Promise.all(keys.map((key) => lookIn(key, word, limit)));
        const bySort = new Map(looked.flatMap(({ found }) => found.map((item) => [String(item.sk), item])));
        const found = [...bySort.keys()].toSorted(inByteOrder).map((sk) => bySort.get(sk) as Item);
        return {
          found: found.slice(0, limit) as unknown as Indexed[],
          isCut: found.length > limit || looked.some(({ isCut }) => isCut),
        };
      }
      const { items, isCut } = await queryShards(documents, {
        TableName: table,
        IndexName: 'byKind',
        hash: 'kindKey',
        range: 'kindSort',
        key: everybodys(organisationId, word),
        condition: 'begins_with(kindSort, :word)',
        ExpressionAttributeValues: { ':word': word },
        ProjectionExpression: 'projectId, pageId, kindSort',
        atMost: limit,
      });
      return { found: items as unknown as Indexed[], isCut };
    },

    readAll,
  };
}

export type TextIndex = ReturnType<typeof createTextIndex>;
