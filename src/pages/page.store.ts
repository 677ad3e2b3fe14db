import { unlessConditionFails } from '../aws/conditions.ts';
import type { Lease } from '../aws/leased-items.ts';
import { createLeasedStore, type LeasedStoreDependencies } from '../aws/leased-store.ts';
import { shareReads } from '../aws/shared-reads.ts';
import type { ProjectSummaries } from '../projects/project-summary.store.ts';
import type { PageJob } from './page.queue.ts';
import { type DeletedPage, isFinal, type Page, type PageFailure, type PageSummary } from './page.ts';
import type { Review } from './review.ts';

interface Dependencies extends LeasedStoreDependencies {
  /** Told of each change of what a project's pages add up to. */
  summaries: Pick<ProjectSummaries, 'touch'>;
  /** Told of each text that is to change, so that the search index follows. */
  textFollower: TextFollower;
}

interface TextFollower {
  announce: (what: { projectId: string; pageId?: string }) => Promise<void>;
  following: <T>(what: { projectId: string; pageId?: string }, change: () => Promise<T>) => Promise<T>;
}

/** What a review adds up to. */
interface ReviewedFacts extends Pick<Page, 'wordCount' | 'doubtfulCount' | 'reviewedAt' | 'reviewedBy'> {
  text: string;
}

/** An item holds 400 KB; the text may take this much of it. The whole of it is always in the detection. */
const textLimitBytes = 300_000;
const previewLength = 160;

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
  'edits',
  'createdAt',
  'updatedAt',
];

const deletionAttributes = ['deletedAt', 'deletionId', 'deletedNumber', 'deletedBy'];

/** So long a deleted page can be put back; then the sweeper erases it. */
const keptDeletedMs = 60 * 60_000;

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

export function createPageStore(dependencies: Dependencies) {
  const { documents, table, leasedItems, summaries, textFollower, now } = dependencies;
  const items = createLeasedStore<Page>(dependencies, {
    name: 'PAGE',
    finalStatuses: ['ready', 'failed'],
    claimedStatus: 'preparing',
  });
  const { keyOf, waiting } = items;
  const textOf = ({ projectId, id }: { projectId: string; id: string }) => ({ projectId, pageId: id });

  const listAll = shareReads(async (projectId: string): Promise<PageSummary[]> => {
    const names = [...summaryAttributes, ...deletionAttributes];
    const pages: PageSummary[] = [];
    let from: Record<string, unknown> | undefined;
    do {
      const answer = await documents.query({
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :page)',
        ExpressionAttributeValues: { ':pk': keyOf({ projectId, id: '' }).pk, ':page': 'PAGE#' },
        ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
        ProjectionExpression: names.map((name) => `#${name}`).join(', '),
        ConsistentRead: true,
        ...(from ? { ExclusiveStartKey: from } : {}),
      });
      pages.push(...((answer.Items ?? []) as PageSummary[]));
      from = answer.LastEvaluatedKey;
    } while (from);
    return pages.sort((one, other) => one.position - other.position || (one.id < other.id ? -1 : 1));
  });

  async function list(projectId: string): Promise<PageSummary[]> {
    return (await listAll(projectId)).filter((page) => !isDeleted(page));
  }

  /** Also a deleted page, until it is erased: for those who would make it anew. */
  const findEvenDeleted = items.find;

  async function find(projectId: string, pageId: string): Promise<Page | undefined> {
    const page = await findEvenDeleted(projectId, pageId);
    return page && !isDeleted(page) ? page : undefined;
  }

  /** Notes that the pages add up to something else now, if the write was one. */
  async function noted<T>(projectId: string, writing: Promise<T>): Promise<T> {
    const written = await writing;
    if (written) await summaries.touch(projectId);
    return written;
  }

  /** A person's change: only while the page is as the person saw it. `undefined`: gone, or changed meanwhile. */
  async function update(
    page: Page,
    set: Record<string, unknown>,
    remove: string[] = [],
  ): Promise<Page | undefined> {
    const change = leasedItems.change({ ...set, updatedAt: now().toISOString() }, remove);
    // the count of edits, because two of them may come within a millisecond
    const notChangedMeanwhile = `attribute_not_exists(deletedAt) AND #revision = :seenRevision AND #status = :seenStatus AND #updatedAt = :seenAt AND ${
      page.edits === undefined ? 'attribute_not_exists(#edits)' : '#edits = :seenEdits'
    }`;
    const updated = await unlessConditionFails(() =>
      documents.update({
        TableName: table,
        Key: keyOf(page),
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

  /** An update under a condition that is told; the page as it is then, or `undefined`. */
  async function updateIf(
    { projectId, id }: { projectId: string; id: string },
    condition: string,
    change: { UpdateExpression: string; names?: Record<string, string>; values?: Record<string, unknown> },
  ): Promise<Page | undefined> {
    const updated = await unlessConditionFails(() =>
      documents.update({
        TableName: table,
        Key: keyOf({ projectId, id }),
        UpdateExpression: change.UpdateExpression,
        ConditionExpression: condition,
        ...(change.names ? { ExpressionAttributeNames: change.names } : {}),
        ...(change.values ? { ExpressionAttributeValues: change.values } : {}),
        ReturnValues: 'ALL_NEW',
      }),
    );
    return updated?.Attributes as Page | undefined;
  }

  return {
    list,
    find,
    findEvenDeleted,

    /** All pages that are not erased, deleted ones in their places among the others. */
    listEvenDeleted: listAll,

    /** The deleted pages that can still be put back. */
    async listDeleted(projectId: string): Promise<DeletedPage[]> {
      return (await listAll(projectId)).filter(isDeleted);
    },

    async create(page: Page) {
      await items.create(page, isSame(page));
      await summaries.touch(page.projectId);
    },

    /** Of a page that several workers may make: `false` when it is there already. */
    createOnce: (page: Page) => noted(page.projectId, items.createOnce(page, isSame(page))),

    /** Takes the item away for good. For deletions by people there is `markDeleted`. */
    remove: (projectId: string, pageId: string) =>
      noted(
        projectId,
        textFollower.following({ projectId, pageId }, () => items.remove(projectId, pageId)),
      ),

    /**
     * Takes the page out of every list and reading, so that it can be put back. A worker that holds it is fenced off.
     * `false`: it is deleted already, or gone.
     */
    async markDeleted(
      page: { projectId: string; id: string },
      { deletionId, number, by }: { deletionId: string; number: number; by: string },
    ): Promise<boolean> {
      const notYetDeleted = 'attribute_exists(pk) AND attribute_not_exists(deletedAt)';
      const dueAt = new Date(now().getTime() + keptDeletedMs).toISOString();
      const marked = await updateIf(page, notYetDeleted, {
        UpdateExpression:
          'SET deletedAt = :at, deletionId = :deletion, deletedNumber = :number, deletedBy = :by, dueKey = :kind, dueAt = :dueAt REMOVE leaseOwner, leaseUntil, lastOwner ADD attempt :one',
        values: {
          ':at': now().toISOString(),
          ':deletion': deletionId,
          ':number': number,
          ':by': by,
          ':kind': 'DELETED_PAGE',
          ':dueAt': dueAt,
          ':one': 1,
        },
      });
      if (marked) await summaries.touch(page.projectId);
      // The SDK repeats a write whose answer was lost: then the page is deleted by this very deletion.
      const found = marked ?? (await findEvenDeleted(page.projectId, page.id));
      return (found as Partial<DeletedPage> | undefined)?.deletionId === deletionId;
    },

    /** Puts a deleted page back; one that was not final waits for a worker anew. `undefined`: it is erased, or back already. */
    async restore(page: PageSummary): Promise<Page | undefined> {
      const stillThere = 'attribute_exists(deletedAt) AND attribute_not_exists(erasing)';
      const isOver = isFinal(page);
      const gone = [...deletionAttributes, ...(isOver ? ['dueKey', 'dueAt'] : [])].join(', ');
      const { dueKey, dueAt } = waiting();
      const restored = await updateIf(page, stillThere, {
        UpdateExpression: isOver
          ? `REMOVE ${gone}`
          : `SET #status = :waiting, tries = :none, dueKey = :kind, dueAt = :dueAt REMOVE ${gone}`,
        ...(isOver
          ? {}
          : {
              names: { '#status': 'status' },
              values: { ':waiting': 'uploaded', ':none': 0, ':kind': dueKey, ':dueAt': dueAt },
            }),
      });
      return noted(page.projectId, Promise.resolve(restored));
    },

    /** From here on the page cannot be put back. `false`: it was put back, or is gone. */
    async beginErasing(page: { projectId: string; id: string }): Promise<boolean> {
      const begun = await updateIf(page, 'attribute_exists(deletedAt)', {
        UpdateExpression: 'SET erasing = :yes',
        values: { ':yes': true },
      });
      return begun !== undefined;
    },

    /** Moving asks nothing of the page but that it is there: a worker may go on meanwhile. */
    move: (page: { projectId: string; id: string }, position: number) =>
      noted(
        page.projectId,
        updateIf(page, 'attribute_exists(pk)', {
          UpdateExpression: 'SET #position = :position, updatedAt = :now',
          names: { '#position': 'position' },
          values: { ':position': position, ':now': now().toISOString() },
        }),
      ),

    /**
     * Writes what people made of the page's lines, unless somebody was faster (`undefined`: read it again). This is the one
     * place where the text of a page that was read changes; `finishReady` writes it first, and after `reviseImage` and
     * `remove` there is none. The search index follows these four.
     */
    correct: (page: Page, review: Review, { text, ...counts }: ReviewedFacts) =>
      noted(
        page.projectId,
        textFollower.following(textOf(page), () =>
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
        ),
      ),

    /** Begins a new revision: an image in the place of the old one, or the old one turned. */
    reviseImage: async (page: Page, image: Partial<Page>) => {
      await textFollower.announce(textOf(page));
      return noted(
        page.projectId,
        update(page, { ...image, revision: page.revision + 1, status: 'uploaded', tries: 0, ...waiting() }, [
          ...resultAttributes,
          ...(image.originalKey ? ['source'] : []),
          'leaseOwner',
          'leaseUntil',
        ]),
      );
    },

    /** Back to the queue after a failure, with all its tries. */
    retry: (page: Page) =>
      noted(page.projectId, update(page, { status: 'uploaded', tries: 0, ...waiting() }, ['failure'])),

    claim: ({ projectId, pageId: id, revision }: PageJob, workerId: string) =>
      items.claim({ projectId, id }, workerId, revision),

    keep: (page: Page, lease: Lease) => items.keep(page, lease),

    savePrepared: (
      page: Page,
      lease: Lease,
      image: { width: number; height: number; imageKey: string; thumbnailKey: string },
    ) => items.keep(page, lease, { ...image, status: 'detecting' }),

    finishReady: (
      page: Page,
      lease: Lease,
      { text, ...facts }: { detectionKey: string; text: string; wordCount: number; doubtfulCount: number },
    ) =>
      noted(
        page.projectId,
        textFollower.following(textOf(page), () =>
          items.finish(
            page,
            lease,
            { ...facts, text: cutToBytes(text), preview: previewOf(text), status: 'ready' },
            ['failure'],
          ),
        ),
      ),

    finishFailed: (page: Page, lease: Lease, failure: PageFailure) =>
      noted(page.projectId, items.finishFailed(page, lease, failure)),

    release: items.release,
  };
}

export type PageStore = ReturnType<typeof createPageStore>;

const isSame = (page: Page) => (found: Page) => found.originalKey === page.originalKey;

function isDeleted(page: PageSummary): page is DeletedPage {
  return (page as Partial<DeletedPage>).deletedAt !== undefined;
}

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
