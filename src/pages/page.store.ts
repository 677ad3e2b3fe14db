import { queryAll } from '../aws/query-all.ts';
import { shareReads } from '../aws/shared-reads.ts';
import type { Lease } from '../jobs/leased-items.ts';
import { createLeasedStore, type LeasedStoreDependencies } from '../jobs/leased-store.ts';
import type { ProjectContents } from '../projects/project-contents.store.ts';
import type { ProjectSummaries } from '../projects/project-summary.store.ts';
import type { ReviewStep } from '../text/page-text.ts';
import type { Review } from '../text/review.ts';
import { createDeletedPages, isDeleted } from './deleted-pages.ts';
import type { PageJob } from './page.queue.ts';
import type { Page, PageFailure, PageSummary, StoredText } from './page.ts';
import { type PageTexts, pickText, textAttributes } from './page-text.store.ts';
import { withShownSize } from './turning.ts';

interface Dependencies extends LeasedStoreDependencies {
  /** Notified of each change to what a project's pages add up to. */
  summaries: Pick<ProjectSummaries, 'touch'>;
  texts: PageTexts;
  /** Notified before each change of text, so that the search index follows. */
  textFollower: TextFollower;
}

interface TextFollower {
  announce: (what: { projectId: string; pageId?: string }) => Promise<void>;
  following: <T>(what: { projectId: string; pageId?: string }, change: () => Promise<T>) => Promise<T>;
}

/** The facts that follow from a review. */
interface ReviewedFacts
  extends Pick<Page, 'alignments' | 'wordCount' | 'doubtfulCount' | 'reviewedAt' | 'reviewedBy'> {
  text: string;
}

/** An item holds 400 KB; a page's text may take this much of its own. The whole of it is always in the detection. */
const textLimitBytes = 300_000;
const previewLength = 160;
/** As often a page is read again because its text was replaced in between. */
const maxAttempts = 30;

/** Set by the worker for a revision; removed when a new revision begins. */
const resultAttributes = [
  'failure',
  'preparedRotation',
  'width',
  'height',
  'imageKey',
  'thumbnailKey',
  'detectionKey',
  'textId',
  'preview',
  'wordCount',
  'doubtfulCount',
  'reviewedAt',
  'reviewedBy',
  ...textAttributes,
];

export function createPageStore(dependencies: Dependencies) {
  const { documents, table, leasedItems, summaries, texts, textFollower, now } = dependencies;
  const items = createLeasedStore<Page>(dependencies, {
    name: 'PAGE',
    finalStatuses: ['ready', 'failed'],
    claimedStatus: 'preparing',
  });
  const { keyOf, waiting } = items;
  const textOf = ({ projectId, id }: { projectId: string; id: string }) => ({ projectId, pageId: id });

  const listAll = shareReads(async (projectId: string): Promise<PageSummary[]> => {
    const items = await queryAll(documents, {
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :page)',
      ExpressionAttributeValues: { ':pk': keyOf({ projectId, id: '' }).pk, ':page': 'PAGE#' },
      ConsistentRead: true,
    });
    return inOrder(items);
  });

  /** What the contents hold is put in order once, however many requests share them. */
  const ordered = new WeakMap<ProjectContents, PageSummary[]>();
  function listAllIn(contents: ProjectContents): PageSummary[] {
    const pages = ordered.get(contents) ?? inOrder(contents.items('PAGE#'));
    ordered.set(contents, pages);
    return pages;
  }

  async function list(projectId: string): Promise<PageSummary[]> {
    return (await listAll(projectId)).filter((page) => !isDeleted(page));
  }

  /** Also finds a deleted page until it is erased, for callers that would create it again. */
  async function findEvenDeleted(projectId: string, pageId: string): Promise<Page | undefined> {
    const page = await items.find(projectId, pageId);
    return page && withShownSize(page);
  }

  async function find(projectId: string, pageId: string): Promise<Page | undefined> {
    const page = await findEvenDeleted(projectId, pageId);
    return page && !isDeleted(page) ? page : undefined;
  }

  /** The page with its text, as both are at one time. */
  async function findWithText(projectId: string, pageId: string): Promise<Page | undefined> {
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const page = await find(projectId, pageId);
      if (!page) return undefined;
      const text = await texts.read(page);
      if (text) return { ...page, ...text };
    }
    throw new Error(`The text of the page ${pageId} is replaced all the time`);
  }

  /**
   * Writes a text, then points the page at it with `change`. The text before is deleted afterwards, or this one when the
   * page does not take it; what a process that dies leaves behind goes with the page.
   */
  async function replaceText<Changed>(
    page: Page,
    text: StoredText,
    change: (textId: string) => Promise<Changed | undefined>,
  ): Promise<Changed | undefined> {
    const textId = await texts.write(page, text);
    const changed = await change(textId);
    const unused = changed ? page.textId : textId;
    // after a lost answer the page may have taken it, and more may have happened to it since
    const isUsed = !changed && (await items.find(page.projectId, page.id))?.textId === textId;
    if (unused && !isUsed) await texts.remove(page, unused).catch(() => {});
    return changed;
  }

  /** The same text in an item of its own, of a page that was written before there were any. `false`: the page changed. */
  async function moveText(page: Page, text: StoredText): Promise<boolean> {
    const moved = await replaceText(page, text, (textId) => {
      const asSeen = seenAs(page);
      return items.updateIf(
        page,
        `attribute_exists(pk) AND ${asSeen.condition} AND #status = :ready`,
        {
          UpdateExpression: `SET #textId = :textId REMOVE ${textAttributes.map((name) => `#${name}`).join(', ')}`,
          ExpressionAttributeNames: {
            ...asSeen.names,
            '#status': 'status',
            ...Object.fromEntries(textAttributes.map((name) => [`#${name}`, name])),
          },
          ExpressionAttributeValues: { ...asSeen.values, ':textId': textId, ':ready': 'ready' },
        },
        isPointingAt(textId),
      );
    });
    return moved !== undefined;
  }

  /** Marks the project's summary as stale when a write succeeded. */
  async function noted<T>(projectId: string, writing: Promise<T>): Promise<T> {
    const written = await writing;
    if (written) await summaries.touch(projectId);
    return written;
  }

  /** A person's change, applied only if the page is as the person saw it. `undefined`: gone, or changed since. */
  async function update(
    page: Page,
    set: Record<string, unknown>,
    remove: string[] = [],
    isOwn?: (item: Record<string, unknown>) => boolean,
  ): Promise<Page | undefined> {
    const change = leasedItems.change({ ...set, updatedAt: now().toISOString() }, remove);
    const asSeen = seenAs(page);
    const notChangedMeanwhile = `attribute_not_exists(deletedAt) AND #status = :seenStatus AND #updatedAt = :seenAt AND ${asSeen.condition}`;
    const updated = await items.updateIf(
      page,
      notChangedMeanwhile,
      {
        ...change,
        ExpressionAttributeNames: {
          ...change.ExpressionAttributeNames,
          ...asSeen.names,
          '#status': 'status',
          '#updatedAt': 'updatedAt',
        },
        ExpressionAttributeValues: {
          ...change.ExpressionAttributeValues,
          ...asSeen.values,
          ':seenAt': page.updatedAt,
          ':seenStatus': page.status,
        },
      },
      isOwn,
    );
    return updated && withShownSize(updated);
  }

  return {
    list,
    listIn: (contents: ProjectContents) => listAllIn(contents).filter((page) => !isDeleted(page)),
    listDeletedIn: (contents: ProjectContents) => listAllIn(contents).filter(isDeleted),
    find,
    findEvenDeleted,
    findWithText,

    /** A page that was just read, with its text. `undefined`: it is gone. */
    async withText(page: PageSummary): Promise<Page | undefined> {
      const text = await texts.read(page);
      return text ? { ...page, ...text } : findWithText(page.projectId, page.id);
    },

    /** All pages that are not erased, including deleted ones. */
    listEvenDeleted: listAll,

    ...createDeletedPages({ items, listAll, summaries, now }),

    async create(page: Page) {
      await items.create(page, isSame(page));
      await summaries.touch(page.projectId);
    },

    /** For a page that several workers may create: `false` when it exists. */
    createOnce: (page: Page) => noted(page.projectId, items.createOnce(page, isSame(page))),

    /** Erases the item. `markDeleted` is a person's deletion. */
    async remove(projectId: string, pageId: string) {
      await textFollower.following({ projectId, pageId }, async () => {
        await texts.removeAll(projectId, pageId); // first: nothing would look for them later
        await items.remove(projectId, pageId);
      });
      await summaries.touch(projectId);
    },

    /** A move only needs the page to exist: a worker may be processing it. */
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
     * Writes the changed lines unless another change came first (`undefined`: read the page again).
     * Only this changes the text of a ready page; `finishReady` writes it first, and `reviseImage` and `remove` clear
     * it. The search index follows these four.
     */
    correct: (page: Page, review: Review, { text: whole, alignments, ...counts }: ReviewedFacts) =>
      noted(
        page.projectId,
        textFollower.following(textOf(page), async () => {
          const text = { ...review, alignments, text: cutToBytes(whole) };
          const corrected = await replaceText(page, text, (textId) =>
            update(
              page,
              { ...counts, textId, preview: previewOf(whole), edits: (page.edits ?? 0) + 1 },
              [...textAttributes, ...(counts.reviewedAt ? [] : ['reviewedAt', 'reviewedBy'])],
              isPointingAt(textId),
            ),
          );
          return corrected && { ...corrected, ...text };
        }),
      ),

    /** Stores the alignments of the corrections unless these have changed. Never causes a conflict for people. */
    async keepAlignments(page: Page, alignments: Record<string, string>) {
      if (page.textId) await texts.addAlignments(page, page.textId, alignments);
      else await moveText(page, { ...page, alignments });
    },

    /**
     * Gives the page's text an item of its own, where it was written before texts had any. `false`: the page changed
     * meanwhile; then whoever changed it may have done so.
     */
    async carryOver(page: PageSummary): Promise<boolean> {
      const text = await texts.read(page);
      return !page.textId && text !== undefined && moveText(page, text);
    },

    /**
     * Rotates the page for everyone at once, in any state: what is prepared and detected stays as it is, and
     * `preparedRotation` says at which rotation. The page comes with its text. `undefined`: turned, corrected or replaced
     * meanwhile, or gone.
     */
    turn: async (page: Page, rotation: number, steps: ReviewStep[]) => {
      // not the status and the time of the last change: a worker changes those
      const asSeen = seenAs(page);
      const isAsSeen = `attribute_exists(pk) AND attribute_not_exists(deletedAt) AND #rotation = :seen AND ${asSeen.condition}`;
      const write = (
        kept: { set: string; values: Record<string, unknown>; remove?: string[] },
        textId?: string,
      ) =>
        items.updateIf(
          page,
          isAsSeen,
          {
            UpdateExpression: `SET #rotation = :rotation, preparedRotation = if_not_exists(preparedRotation, :seen), #edits = :edits, updatedAt = :now, ${kept.set}${
              kept.remove ? ` REMOVE ${kept.remove.map((name) => `#${name}`).join(', ')}` : ''
            }`,
            ExpressionAttributeNames: {
              ...asSeen.names,
              '#rotation': 'rotation',
              ...Object.fromEntries((kept.remove ?? []).map((name) => [`#${name}`, name])),
            },
            ExpressionAttributeValues: {
              ...asSeen.values,
              ...kept.values,
              ':rotation': rotation,
              ':seen': page.rotation,
              ':edits': (page.edits ?? 0) + 1,
              ':now': now().toISOString(),
            },
          },
          textId ? isPointingAt(textId) : undefined,
        );
      // a page that was not read yet has nothing but steps: they stay beside it until its text changes
      const turned = await noted(
        page.projectId,
        page.textId || page.text !== undefined
          ? replaceText(page, { ...page, steps }, (textId) =>
              write(
                { set: '#textId = :textId', values: { ':textId': textId }, remove: [...textAttributes] },
                textId,
              ),
            )
          : write({ set: 'steps = :steps', values: { ':steps': steps } }),
      );
      return turned && { ...withShownSize(turned), ...pickText(page), steps };
    },

    /** Starts a new revision with another image. */
    reviseImage: async (page: Page, image: Partial<Page>) => {
      await textFollower.announce(textOf(page));
      const begun = { revision: page.revision + 1, status: 'uploaded', tries: 0, ...waiting(page) };
      const revised = await noted(
        page.projectId,
        update(page, { ...image, ...begun }, [
          ...resultAttributes,
          ...(image.originalKey ? ['source'] : []),
          'leaseOwner',
          'leaseUntil',
        ]),
      );
      if (revised && page.textId) await texts.remove(page, page.textId).catch(() => {}); // else it goes with the page
      return revised;
    },

    /** Queues a failed page again, with all its attempts. */
    retry: (page: Page) =>
      noted(page.projectId, update(page, { status: 'uploaded', tries: 0, ...waiting(page) }, ['failure'])),

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
        textFollower.following(textOf(page), async () => {
          const finished = await replaceText(page, { text: cutToBytes(text) }, async (textId) => {
            const read = { ...facts, textId, preview: previewOf(text), status: 'ready' };
            return (await items.finish(page, lease, read, ['failure'])) || undefined;
          });
          return finished ?? false;
        }),
      ),

    finishFailed: (page: Page, lease: Lease, failure: PageFailure) =>
      noted(page.projectId, items.finishFailed(page, lease, failure)),

    release: items.release,
  };
}

export type PageStore = ReturnType<typeof createPageStore>;

/** The condition of a change of the text: it has not changed since it was read. Two changes may come within a millisecond. */
function seenAs({ revision, edits, textId }: Page) {
  const isSame = (name: string, value: unknown) =>
    value === undefined ? `attribute_not_exists(#${name})` : `#${name} = :seen_${name}`;
  const seen = { revision, edits, textId };
  return {
    condition: Object.entries(seen)
      .map(([name, value]) => isSame(name, value))
      .join(' AND '),
    names: Object.fromEntries(Object.keys(seen).map((name) => [`#${name}`, name])),
    values: Object.fromEntries(
      Object.entries(seen).flatMap(([name, value]) =>
        value === undefined ? [] : [[`:seen_${name}`, value]],
      ),
    ),
  };
}

/** Recognizes a write by the text that the page points at since. */
const isPointingAt = (textId: string) => (item: Record<string, unknown>) => item.textId === textId;

const isSame = (page: Page) => (found: Page) => found.originalKey === page.originalKey;

function inOrder(items: object[]): PageSummary[] {
  return (items as PageSummary[])
    .map(withShownSize)
    .sort((one, other) => one.position - other.position || (one.id < other.id ? -1 : 1));
}

/** DynamoDB rejects a string with half a surrogate pair. */
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
