// What a page reads and what people made of it, in an item of its own: lists of pages do not read it. Such an item is not
// changed. Whoever changes the text writes a new one, then points the page at it with one conditional write, so that a page
// and its text change together (docs/decisions/0047).
import { ulid as makeUlid } from 'ulid';
import { readBatches, writeBatches } from '../aws/batches.ts';
import type { Documents } from '../aws/clients.ts';
import { unlessConditionFails } from '../aws/conditions.ts';
import { queryAll } from '../aws/query-all.ts';
import { projectPartition } from '../projects/project.keys.ts';
import type { Page, StoredText } from './page.ts';

interface Dependencies {
  documents: Documents;
  table: string;
}

type Address = Pick<Page, 'projectId' | 'id'>;
type Head = Address & Pick<Page, 'textId'>;

export const textAttributes = [
  'text',
  'corrections',
  'alignments',
  'accepted',
  'added',
  'steps',
] as const satisfies (keyof StoredText)[];

/** An item holds 400 KB: an answer of 4 MB takes some ten milliseconds to be parsed, during which nothing else is done. */
const textsInRequest = 10;

const prefixOf = (pageId: string) => `TEXT#${pageId}#`;

export function pickText(item: object): StoredText {
  const found = textAttributes.flatMap((name) => {
    const value = (item as StoredText)[name];
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(found) as StoredText;
}

export function createPageTexts({ documents, table }: Dependencies) {
  const keyOf = ({ projectId, id }: Address, textId: string) => ({
    pk: projectPartition(projectId),
    sk: `${prefixOf(id)}${textId}`,
  });

  /** Pages written before texts had items of their own hold theirs, and those that were not read yet their steps. */
  const merge = (head: object, item: object): StoredText => ({ ...pickText(head), ...pickText(item) });

  return {
    /** `undefined`: it was replaced since the page was read. */
    async read(page: Head): Promise<StoredText | undefined> {
      if (!page.textId) return pickText(page);
      const Key = keyOf(page, page.textId);
      const { Item } = await documents.get({ TableName: table, Key, ConsistentRead: true });
      return Item && merge(page, Item);
    },

    /** The same of many pages, by page id. Of those whose text was replaced meanwhile there is none. */
    async readMany(pages: Head[]): Promise<Map<string, StoredText>> {
      const keys = pages.flatMap((page) => (page.textId ? [keyOf(page, page.textId)] : []));
      const items = await readBatches({ documents, table }, keys, {
        keysInRequest: textsInRequest,
        requestsAtOnce: 4,
      });
      const found = new Map(items.map((item) => [String(item.sk), item]));
      const texts = new Map<string, StoredText>();
      for (const page of pages) {
        const item = page.textId ? found.get(keyOf(page, page.textId).sk) : {};
        if (item) texts.set(page.id, merge(page, item));
      }
      return texts;
    },

    /** Returns what the page is to point to. */
    async write(page: Address, text: StoredText): Promise<string> {
      const textId = makeUlid();
      await documents.put({ TableName: table, Item: { ...keyOf(page, textId), ...pickText(text) } });
      return textId;
    },

    /** Alignments follow from the corrections beside them, so that they may be added to the item that has these. */
    async addAlignments(page: Address, textId: string, alignments: Record<string, string>) {
      const isThere = 'attribute_exists(pk)'; // nothing is left behind by a page that was corrected or erased meanwhile
      await unlessConditionFails(() =>
        documents.update({
          TableName: table,
          Key: keyOf(page, textId),
          UpdateExpression: 'SET alignments = :alignments',
          ConditionExpression: isThere,
          ExpressionAttributeValues: { ':alignments': alignments },
        }),
      );
    },

    async remove(page: Address, textId: string) {
      await documents.delete({ TableName: table, Key: keyOf(page, textId) });
    },

    /** Of a page that is erased, also what processes that died left behind. */
    async removeAll(projectId: string, pageId: string) {
      const items = await queryAll(documents, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :text)',
        ExpressionAttributeValues: { ':pk': projectPartition(projectId), ':text': prefixOf(pageId) },
        ProjectionExpression: 'pk, sk',
        ConsistentRead: true,
      });
      await writeBatches(
        { documents, table },
        items.map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } })),
      );
    },
  };
}

export type PageTexts = ReturnType<typeof createPageTexts>;
