import { shareReads } from '../aws/shared-reads.ts';
import type { Lease } from '../jobs/leased-items.ts';
import { createLeasedStore, type LeasedStoreDependencies } from '../jobs/leased-store.ts';
import type { ProjectSummaries } from '../projects/project-summary.store.ts';
import type { ReviewStep } from '../text/page-text.ts';
import type { Review } from '../text/review.ts';
import { createDeletedPages, deletionAttributes, isDeleted } from './deleted-pages.ts';
import type { PageJob } from './page.queue.ts';
import type { Page, PageFailure, PageSummary } from './page.ts';
import { withShownSize } from './turning.ts';

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
interface ReviewedFacts
  extends Pick<Page, 'alignments' | 'wordCount' | 'doubtfulCount' | 'reviewedAt' | 'reviewedBy'> {
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
  'personId',
  'fileName',
  'originalKey',
  'contentType',
  'sizeBytes',
  'sha256',
  'rotation',
  'preparedRotation',
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

/** Set for the revision by the worker; gone again when a new revision begins. */
const resultAttributes = [
  'failure',
  'preparedRotation',
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
  'alignments',
  'accepted',
  'added',
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
    return pages
      .map(withShownSize)
      .sort((one, other) => one.position - other.position || (one.id < other.id ? -1 : 1));
  });

  async function list(projectId: string): Promise<PageSummary[]> {
    return (await listAll(projectId)).filter((page) => !isDeleted(page));
  }

  /** Also a deleted page, until it is erased: for those who would make it anew. */
  async function findEvenDeleted(projectId: string, pageId: string): Promise<Page | undefined> {
    const page = await items.find(projectId, pageId);
    return page && withShownSize(page);
  }

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
    const updated = await items.updateIf(page, notChangedMeanwhile, {
      ...change,
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
    });
    return updated && withShownSize(updated);
  }

  return {
    list,
    find,
    findEvenDeleted,

    /** All pages that are not erased, deleted ones in their places among the others. */
    listEvenDeleted: listAll,

    ...createDeletedPages({ items, listAll, summaries, now }),

    async create(page: Page) {
      await items.create(page, isSame(page));
      await summaries.touch(page.projectId);
    },

    /** Of a page that several workers may make: `false` when it is there already. */
    createOnce: (page: Page) => noted(page.projectId, items.createOnce(page, isSame(page))),

    /** Takes the item away for good. A person's deletion is `markDeleted`. */
    async remove(projectId: string, pageId: string) {
      await textFollower.following({ projectId, pageId }, () => items.remove(projectId, pageId));
      await summaries.touch(projectId);
    },

    /** Moving asks nothing of the page but that it is there: a worker may go on meanwhile. */
    move: (page: { projectId: string; id: string }, position: number) =>
      noted(
        page.projectId,
        items.updateIf(page, 'attribute_exists(pk)', {
          UpdateExpression: 'SET #position = :position, updatedAt = :now',
          ExpressionAttributeNames: { '#position': 'position' },
          ExpressionAttributeValues: { ':position': position, ':now': now().toISOString() },
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

    /** Stores what follows from the corrections, unless they changed meanwhile. Nobody's change is overtaken by it. */
    async keepAlignments(page: Page, alignments: Record<string, string>) {
      const sameCorrections = `attribute_exists(pk) AND #revision = :seenRevision AND ${
        page.edits === undefined ? 'attribute_not_exists(#edits)' : '#edits = :seenEdits'
      }`;
      await items.updateIf(page, sameCorrections, {
        UpdateExpression: 'SET alignments = :alignments',
        ExpressionAttributeNames: { '#revision': 'revision', '#edits': 'edits' },
        ExpressionAttributeValues: {
          ':alignments': alignments,
          ':seenRevision': page.revision,
          ...(page.edits === undefined ? {} : { ':seenEdits': page.edits }),
        },
      });
    },

    /**
     * Turns the page for everybody at once, also while it is being read: what is prepared and detected stays as it is, and
     * `preparedRotation` says at which rotation. `undefined`: turned, corrected or replaced meanwhile, or gone.
     */
    turn: async (page: Page, rotation: number, steps: ReviewStep[]) => {
      // not the status and the time of the last change, which a worker changes
      const isAsSeen = `attribute_exists(pk) AND attribute_not_exists(deletedAt) AND #revision = :seenRevision AND #rotation = :seen AND ${
        page.edits === undefined ? 'attribute_not_exists(#edits)' : '#edits = :seenEdits'
      }`;
      const turned = await noted(
        page.projectId,
        items.updateIf(page, isAsSeen, {
          UpdateExpression:
            'SET #rotation = :rotation, preparedRotation = if_not_exists(preparedRotation, :seen), steps = :steps, #edits = :edits, updatedAt = :now',
          ExpressionAttributeNames: { '#rotation': 'rotation', '#revision': 'revision', '#edits': 'edits' },
          ExpressionAttributeValues: {
            ':rotation': rotation,
            ':seen': page.rotation,
            ':seenRevision': page.revision,
            ':steps': steps,
            ':edits': (page.edits ?? 0) + 1,
            ':now': now().toISOString(),
            ...(page.edits === undefined ? {} : { ':seenEdits': page.edits }),
          },
        }),
      );
      return turned && withShownSize(turned);
    },

    /** Begins a new revision: an image in the place of the old one. */
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
      image: {
        preparedRotation: number;
        width: number;
        height: number;
        imageKey: string;
        thumbnailKey: string;
      },
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
