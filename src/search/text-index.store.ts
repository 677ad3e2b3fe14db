// The search index: one item ("posting") for each word of each page and of each project's name. Candidates are compared
// with the current text, so stale postings show nothing.
import { writeBatches, writesInRequest } from '../aws/batches.ts';
import type { Documents } from '../aws/clients.ts';
import { deleteIf, updateIf } from '../aws/conditions.ts';
import { queryShards } from '../aws/shards.ts';
import { organisationOf } from '../people/organisation.ts';
import type { IndexedTexts } from './indexed-texts.store.ts';
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
import { gatherKeys } from './text-keys.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  indexed: IndexedTexts;
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

/** As DynamoDB sorts. */
const inByteOrder = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other));

export function createTextIndex({ documents, table, indexed }: Dependencies) {
  const { read, announce } = indexed;

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
      const found = await indexed.textOf(what, project);
      const wanted = await gatherKeys(found?.text ?? '');
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
      if (await end(key, { version, announced: manifest?.announced, wanted, isGone: found === undefined }))
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

    following: <T>(what: Indexed, change: () => Promise<T>) => indexed.following(what, change, follow),

    async forget(projectId: string): Promise<void> {
      for (;;) {
        const marked = await indexed.listMarked(projectId, 100);
        if (marked.length === 0) return;
        for (const what of marked) await follow(what);
      }
    },

    async followOwner(projectId: string): Promise<void> {
      for (const what of await indexed.listMarked(projectId)) await follow(what);
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
  };
}
