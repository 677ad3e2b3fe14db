import type { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { unlessConditionFails } from '../aws/conditions.ts';
import type { Lease, LeasedItems } from '../aws/leased-items.ts';
import { shareReads } from '../aws/shared-reads.ts';
import { isFinal, type Page, type PageFailure, type PageSummary } from './page.ts';
import type { Review } from './review.ts';

interface Dependencies {
  documents: DynamoDBDocument;
  table: string;
  leasedItems: LeasedItems;
  now: () => Date;
  /** How long a page may wait for a worker before the sweeper sends its message again. */
  waitMs: number;
}

/** What a review adds up to. */
interface ReviewedFacts extends Pick<Page, 'wordCount' | 'doubtfulCount' | 'reviewedAt' | 'reviewedBy'> {
  text: string;
}

const pageKey = (projectId: string, pageId: string) => ({ pk: `PROJECT#${projectId}`, sk: `PAGE#${pageId}` });

/** An item holds 400 KB; the text may take this much of it. The whole of it is always in the detection. */
const textLimitBytes = 300_000;
const previewLength = 160;

const finalStatuses = ['ready', 'failed'] as const;

/** All attributes of a PageSummary. Lists leave the text out. */
const summaryAttributes = [
  'id',
  'projectId',
  'position',
  'status',
  'revision',
  'fileName',
  'originalKey',
  'contentType',
  'sizeBytes',
  'sha256',
  'rotation',
  'source',
  'failure',
  'width',
  'height',
  'imageKey',
  'thumbnailKey',
  'detectionKey',
  'wordCount',
  'doubtfulCount',
  'preview',
  'reviewedAt',
  'reviewedBy',
  'createdAt',
  'updatedAt',
];

/** Set for the revision by the worker; gone again when a new revision begins. */
const resultAttributes = [
  'failure',
  'width',
  'height',
  'imageKey',
  'thumbnailKey',
  'detectionKey',
  'text',
  'preview',
  'wordCount',
  'doubtfulCount',
  'corrections',
  'accepted',
  'steps',
  'reviewedAt',
  'reviewedBy',
];

export function createPageStore({ documents, table, leasedItems, now, waitMs }: Dependencies) {
  const waiting = () => ({ dueKey: 'PAGE', dueAt: new Date(now().getTime() + waitMs).toISOString() });

  const list = shareReads(async (projectId: string): Promise<PageSummary[]> => {
    const pages: PageSummary[] = [];
    let from: Record<string, unknown> | undefined;
    do {
      const answer = await documents.query({
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :page)',
        ExpressionAttributeValues: { ':pk': pageKey(projectId, '').pk, ':page': 'PAGE#' },
        ExpressionAttributeNames: Object.fromEntries(summaryAttributes.map((name) => [`#${name}`, name])),
        ProjectionExpression: summaryAttributes.map((name) => `#${name}`).join(', '),
        ConsistentRead: true,
        ...(from ? { ExclusiveStartKey: from } : {}),
      });
      pages.push(...((answer.Items ?? []) as PageSummary[]));
      from = answer.LastEvaluatedKey;
    } while (from);
    return pages.sort((one, other) => one.position - other.position || (one.id < other.id ? -1 : 1));
  });

  const count = shareReads(async (projectId: string): Promise<number> => {
    let pages = 0;
    let from: Record<string, unknown> | undefined;
    do {
      const answer = await documents.query({
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :page)',
        ExpressionAttributeValues: { ':pk': pageKey(projectId, '').pk, ':page': 'PAGE#' },
        Select: 'COUNT',
        ConsistentRead: true,
        ...(from ? { ExclusiveStartKey: from } : {}),
      });
      pages += answer.Count ?? 0;
      from = answer.LastEvaluatedKey;
    } while (from);
    return pages;
  });

  async function find(projectId: string, pageId: string): Promise<Page | undefined> {
    const { Item } = await documents.get({
      TableName: table,
      Key: pageKey(projectId, pageId),
      ConsistentRead: true,
    });
    return Item as Page | undefined;
  }

  /** A person's change: only while the page is as the person saw it. `undefined`: gone, or changed meanwhile. */
  async function update(
    page: Page,
    set: Record<string, unknown>,
    remove: string[] = [],
  ): Promise<Page | undefined> {
    const change = leasedItems.change({ ...set, updatedAt: now().toISOString() }, remove);
    // the count of edits, because two of them may come within a millisecond
    const notChangedMeanwhile = `#revision = :seenRevision AND #status = :seenStatus AND #updatedAt = :seenAt AND ${
      page.edits === undefined ? 'attribute_not_exists(#edits)' : '#edits = :seenEdits'
    }`;
    const updated = await unlessConditionFails(() =>
      documents.update({
        TableName: table,
        Key: pageKey(page.projectId, page.id),
        ...change,
        ConditionExpression: notChangedMeanwhile,
        ExpressionAttributeNames: {
          ...change.ExpressionAttributeNames,
          '#revision': 'revision',
          '#status': 'status',
          '#updatedAt': 'updatedAt',
          '#edits': 'edits',
        },
        ExpressionAttributeValues: {
          ...change.ExpressionAttributeValues,
          ...(page.edits === undefined ? {} : { ':seenEdits': page.edits }),
          ':seenAt': page.updatedAt,
          ':seenRevision': page.revision,
          ':seenStatus': page.status,
        },
        ReturnValues: 'ALL_NEW',
      }),
    );
    return updated?.Attributes as Page | undefined;
  }

  return {
    list,
    count,
    find,

    async create(page: Page) {
      const created = await unlessConditionFails(() =>
        documents.put({
          TableName: table,
          Item: { ...pageKey(page.projectId, page.id), ...page, attempt: 0, tries: 0, ...waiting() },
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
      // The SDK repeats a write whose answer was lost: then the page that is in the way is this very one.
      if (!created && (await find(page.projectId, page.id))?.originalKey !== page.originalKey) {
        throw new Error(`There is a page ${page.id} already`);
      }
    },

    /** Of a page that several workers may make: `false` when it is there already. */
    async createOnce(page: Page): Promise<boolean> {
      const due = isFinal(page) ? {} : waiting();
      const created = await unlessConditionFails(() =>
        documents.put({
          TableName: table,
          Item: { ...pageKey(page.projectId, page.id), ...page, attempt: 0, tries: 0, ...due },
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
      return created !== undefined || (await find(page.projectId, page.id))?.originalKey === page.originalKey;
    },

    async remove(projectId: string, pageId: string): Promise<boolean> {
      const removed = await unlessConditionFails(() =>
        documents.delete({
          TableName: table,
          Key: pageKey(projectId, pageId),
          ConditionExpression: 'attribute_exists(pk)',
        }),
      );
      return removed !== undefined;
    },

    /** Moving asks nothing of the page but that it is there: a worker may go on meanwhile. */
    async move(page: Page, position: number): Promise<Page | undefined> {
      const moved = await unlessConditionFails(() =>
        documents.update({
          TableName: table,
          Key: pageKey(page.projectId, page.id),
          UpdateExpression: 'SET #position = :position, updatedAt = :now',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeNames: { '#position': 'position' },
          ExpressionAttributeValues: { ':position': position, ':now': now().toISOString() },
          ReturnValues: 'ALL_NEW',
        }),
      );
      return moved?.Attributes as Page | undefined;
    },

    /**
     * Writes what people made of the page's lines, unless somebody was faster (`undefined`: read it again). This is the one
     * place where the text of a page that was read changes: whoever follows texts (the search index) hangs on here, on
     * `finishReady`, which writes the text first, and on `reviseImage` and `remove`, after which there is none.
     */
    correct: (page: Page, review: Review, { text, ...counts }: ReviewedFacts) =>
      update(
        page,
        {
          ...review,
          ...counts,
          text: cutToBytes(text),
          preview: previewOf(text),
          edits: (page.edits ?? 0) + 1,
        },
        counts.reviewedAt ? [] : ['reviewedAt', 'reviewedBy'],
      ),

    /** Begins a new revision: an image in the place of the old one, or the old one turned. */
    reviseImage: (page: Page, image: Partial<Page>) =>
      update(page, { ...image, revision: page.revision + 1, status: 'uploaded', tries: 0, ...waiting() }, [
        ...resultAttributes,
        ...(image.originalKey ? ['source'] : []),
        'leaseOwner',
        'leaseUntil',
      ]),

    /** Back to the queue after a failure, with all its tries. */
    retry: (page: Page) => update(page, { status: 'uploaded', tries: 0, ...waiting() }, ['failure']),

    claim: (job: { projectId: string; pageId: string; revision: number }, owner: string) =>
      leasedItems.claim(pageKey(job.projectId, job.pageId), owner, {
        revision: job.revision,
        finalStatuses,
        status: 'preparing',
      }),

    savePrepared: (
      page: Page,
      lease: Lease,
      image: { width: number; height: number; imageKey: string; thumbnailKey: string },
    ) => leasedItems.progress(pageKey(page.projectId, page.id), lease, { ...image, status: 'detecting' }),

    finishReady: (
      page: Page,
      lease: Lease,
      result: { detectionKey: string; text: string; wordCount: number; doubtfulCount: number },
    ) =>
      leasedItems.finish(
        pageKey(page.projectId, page.id),
        lease,
        {
          ...result,
          text: cutToBytes(result.text),
          preview: previewOf(result.text),
          status: 'ready',
        },
        ['failure'],
      ),

    finishFailed: (page: Page, lease: Lease, failure: PageFailure) =>
      leasedItems.finish(pageKey(page.projectId, page.id), lease, { status: 'failed', failure }),

    release: (page: Page, lease: Lease, again: { afterMs: number; tries: number }) =>
      leasedItems.release(pageKey(page.projectId, page.id), lease, again),
  };
}

export type PageStore = ReturnType<typeof createPageStore>;

/** A character that is cut in half would be refused by DynamoDB. */
function previewOf(text: string): string {
  return text.slice(0, previewLength).replace(/[\uD800-\uDBFF]$/, '');
}

function cutToBytes(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= textLimitBytes) return text;
  return bytes
    .subarray(0, textLimitBytes)
    .toString('utf8')
    .replace(/\uFFFD+$/, '');
}
