import type { Lease } from '../jobs/leased-items.ts';
import { createLeasedStore, type LeasedStoreDependencies } from '../jobs/leased-store.ts';
import type { ProjectSummaries } from '../projects/project-summary.store.ts';
import type { Rotation } from '../text/rotated-polygons.ts';
import { createDeletedPages, isDeleted } from './deleted-pages.ts';
import type { PageJob } from './page.queue.ts';
import type { ModerationLabelFound, Page, PageFailure, PageSummary } from './page.ts';
import { fromStoredPage, toStoredPage } from './page-item.ts';
import { createPageList } from './page-list.store.ts';
import { type PageTexts, textAttributes } from './page-text.store.ts';
import { imageAttributes, type Reading, toReading } from './reading.ts';
import { createReviewClaims } from './review-claims.store.ts';
import type { ReviewEntries } from './review-entries.store.ts';
import { seenAs } from './seen-page.ts';
import { createTextChanges, type TextFollower } from './text-changes.store.ts';
import { withShownSize } from './turning.ts';

interface Dependencies extends LeasedStoreDependencies {
  /** Notified of each change to what a project's pages add up to. */
  summaries: Pick<ProjectSummaries, 'touch'>;
  texts: PageTexts;
  /** Notified before each change of text, so that the search index follows. */
  textFollower: TextFollower;
  /** The queue of what is to be reviewed, which follows each change of whether a page waits. */
  reviewEntries: Pick<ReviewEntries, 'enter' | 'remove'>;
}

/** What a worker read on a page. */
type ReadFacts = Required<Pick<Page, 'detectionKey' | 'text' | 'wordCount' | 'doubtfulCount'>> &
  Pick<Page, 'textSource'> & {
    language?: Page['language'] | undefined;
    tilt?: number | undefined;
  };

/** As often a page is read again because its text was replaced in between. */
const maxAttempts = 30;

/** What the worker read, and what people made of it. */
const textResults = [
  'failure',
  'detectionKey',
  'language',
  'textId',
  'preview',
  'wordCount',
  'doubtfulCount',
  'reviewedAt',
  'reviewedBy',
  'reviewClaim',
  ...textAttributes,
];

export function createPageStore(dependencies: Dependencies) {
  const { documents, table, leasedItems, summaries, texts, textFollower, reviewEntries, now } = dependencies;
  const items = createLeasedStore<Page>(dependencies, {
    name: 'PAGE',
    finalStatuses: ['ready', 'failed'],
    claimedStatus: 'preparing',
    toStored: toStoredPage,
    fromStored: fromStoredPage,
  });
  const { keyOf, waiting } = items;
  const textOf = ({ projectId, id }: { projectId: string; id: string }) => ({ projectId, pageId: id });

  const { listAll, ...lists } = createPageList({ documents, table, keyOf });

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
    const change = leasedItems.change({ ...toStoredPage(page, set), updatedAt: now().toISOString() }, remove);
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

  /** Starts a new revision: without the text, and without what else is named. */
  async function revise(page: Page, set: Partial<Page>, remove: string[]): Promise<Page | undefined> {
    await textFollower.announce(textOf(page));
    const begun = { revision: page.revision + 1, status: 'uploaded', tries: 0, ...waiting(page) };
    const revised = await noted(
      page.projectId,
      update(page, { ...set, ...begun }, [...textResults, ...remove, 'leaseOwner', 'leaseUntil']),
    );
    if (revised && page.textId) await texts.remove(page, page.textId).catch(() => {}); // else it goes with the page
    return revised;
  }

  const textChanges = createTextChanges({ items, texts, textFollower, reviewEntries, update, noted, now });

  return {
    ...lists,
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
    ...createReviewClaims({ items, now }),
    correct: textChanges.correct,
    keepAlignments: textChanges.keepAlignments,
    keepCounts: textChanges.keepCounts,
    carryOver: textChanges.carryOver,
    show: textChanges.show,

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

    /** Starts a new revision with another image. */
    reviseImage: (page: Page, image: Partial<Page>) =>
      revise(page, image, [
        ...imageAttributes,
        ...(image.originalKey ? ['source', 'textSource', 'hasOwnText', 'ownTextKey'] : []),
      ]),

    /** Starts a new revision of the same page, whose text is detected again: what people made of it is gone. */
    reviseText: (page: Page, reading: Reading) => {
      const { set, remove } = toReading(reading);
      return revise(page, set, remove);
    },

    /** Queues a failed page again, with all its attempts. */
    retry: (page: Page, reading: Reading = {}) => {
      const { set, remove } = toReading(reading);
      const again = { ...set, status: 'uploaded', tries: 0, ...waiting(page) };
      return noted(page.projectId, update(page, again, ['failure', ...remove]));
    },

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
        ownTextKey?: string;
      },
    ) => items.keep(page, lease, { ...image, status: 'detecting' }),

    /** Notes why an image is refused, for administrators. `false`: the page belongs to another worker, or is gone. */
    noteModeration: (page: Page, lease: Lease, moderationLabels: ModerationLabelFound[]) =>
      items.keep(page, lease, { moderationLabels }),

    /** With `turn` also turns the page, unless a person has rotated it meanwhile. */
    finishReady: (
      page: Page,
      lease: Lease,
      {
        text,
        turn,
        ...facts
      }: ReadFacts & { turn?: { rotation: Rotation; turnedFrom: Rotation } | undefined },
    ) =>
      textChanges.finishText(page, text, async (read) => {
        const ready = { ...facts, ...read, status: 'ready' };
        const gone = ['failure', ...(facts.tilt === undefined ? ['tilt'] : [])];
        const notRotatedMeanwhile = {
          condition: '#rotation = :seenRotation AND attribute_not_exists(#rotationChosen)',
          names: { '#rotation': 'rotation', '#rotationChosen': 'rotationChosen' },
          values: { ':seenRotation': page.rotation },
        };
        return (
          (turn && (await items.finish(page, lease, { ...ready, ...turn }, gone, notRotatedMeanwhile))) ||
          items.finish(page, lease, ready, gone)
        );
      }),

    finishFailed: (page: Page, lease: Lease, failure: PageFailure) =>
      noted(page.projectId, items.finishFailed(page, lease, failure)),

    release: items.release,
  };
}

export type PageStore = ReturnType<typeof createPageStore>;

const isSame = (page: Page) => (found: Page) => found.originalKey === page.originalKey;
