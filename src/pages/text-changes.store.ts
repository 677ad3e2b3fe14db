// The writes that change a page's text: a new text item, then the page that points at it (docs/decisions/0047).
import type { createLeasedStore } from '../jobs/leased-store.ts';
import type { Review, ReviewStep } from '../text/page-text.ts';
import type { Page, PageSummary, StoredText } from './page.ts';
import { type PageTexts, pickText, textAttributes } from './page-text.store.ts';
import type { ReviewEntries } from './review-entries.store.ts';
import { seenAs } from './seen-page.ts';
import { cutToBytes, previewOf } from './text-limits.ts';
import { withShownSize } from './turning.ts';

type Item = Record<string, unknown>;

export interface TextFollower {
  announce: (what: { projectId: string; pageId?: string }) => Promise<void>;
  following: <T>(what: { projectId: string; pageId?: string }, change: () => Promise<T>) => Promise<T>;
}

interface Dependencies {
  items: Pick<ReturnType<typeof createLeasedStore<Page>>, 'find' | 'updateIf'>;
  texts: PageTexts;
  textFollower: Pick<TextFollower, 'following'>;
  reviewEntries: Pick<ReviewEntries, 'enter' | 'remove'>;
  /** A person's change, applied only if the page is as the person saw it. */
  update: (
    page: Page,
    set: Item,
    remove?: string[],
    isOwn?: (item: Item) => boolean,
  ) => Promise<Page | undefined>;
  /** Marks the project's summary as stale when a write succeeded. */
  noted: <T>(projectId: string, writing: Promise<T>) => Promise<T>;
  now: () => Date;
}

/** The facts that follow from a review. */
interface ReviewedFacts
  extends Pick<Page, 'alignments' | 'wordCount' | 'doubtfulCount' | 'reviewedAt' | 'reviewedBy'> {
  text: string;
}

/** How a page is to be shown. */
export interface Shown {
  rotation: number;
  /** The tilt to take out; 0 for none. */
  straightened: number;
}

export function createTextChanges({
  items,
  texts,
  textFollower,
  reviewEntries,
  update,
  noted,
  now,
}: Dependencies) {
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

  return {
    /** Stores what the worker read with `finish`, which points the page at it. */
    finishText: (page: Page, text: string, finish: (read: Item) => Promise<boolean>): Promise<boolean> =>
      noted(
        page.projectId,
        textFollower.following(textOf(page), async () => {
          const finished = await replaceText(
            page,
            { text: cutToBytes(text) },
            async (textId) => (await finish({ textId, preview: previewOf(text) })) || undefined,
          );
          if (finished) await noticed(reviewEntries.enter({ ...page, status: 'ready' }));
          return finished ?? false;
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
              [...textAttributes, ...(counts.reviewedAt ? ['reviewClaim'] : ['reviewedAt', 'reviewedBy'])],
              isPointingAt(textId),
            ),
          );
          if (corrected && Boolean(counts.reviewedAt) !== Boolean(page.reviewedAt))
            await noticed(
              counts.reviewedAt
                ? reviewEntries.remove(page.projectId, page.id)
                : reviewEntries.enter(corrected),
            );
          return corrected && { ...corrected, ...text };
        }),
      ),

    /** Stores the alignments of the corrections unless these have changed. Never causes a conflict for people. */
    async keepAlignments(page: Page, alignments: Record<string, string>) {
      if (page.textId) await texts.addAlignments(page, page.textId, alignments);
      else await moveText(page, { ...page, alignments });
    },

    /** Stores the counts of a text that did not change, of a page that was counted by other rules. Never causes a conflict. */
    keepCounts: (page: Page, counts: Pick<Page, 'wordCount' | 'doubtfulCount'>) => {
      const asSeen = seenAs(page);
      return noted(
        page.projectId,
        items.updateIf(page, `attribute_exists(pk) AND #status = :ready AND ${asSeen.condition}`, {
          UpdateExpression: 'SET wordCount = :words, doubtfulCount = :doubtful',
          ExpressionAttributeNames: { ...asSeen.names, '#status': 'status' },
          ExpressionAttributeValues: {
            ...asSeen.values,
            ':ready': 'ready',
            ':words': counts.wordCount,
            ':doubtful': counts.doubtfulCount,
          },
        }),
      );
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
     * Rotates or straightens the page for everyone at once, in any state: what is prepared and detected stays as it is, and
     * `preparedRotation` says at which rotation. The page comes with its text. `undefined`: turned, corrected or replaced
     * meanwhile, or gone.
     */
    show: async (page: Page, { rotation, straightened }: Shown, steps: ReviewStep[]) => {
      // not the status and the time of the last change: a worker changes those
      const asSeen = seenAs(page);
      const isAsSeen = `attribute_exists(pk) AND attribute_not_exists(deletedAt) AND #rotation = :seen AND ${asSeen.condition}`;
      const isRotated = rotation !== page.rotation;
      const set = [
        ...(isRotated ? ['rotationChosen = :true'] : []),
        ...(straightened ? ['straightened = :straightened'] : []),
      ];
      const remove = [...(isRotated ? ['turnedFrom'] : []), ...(straightened ? [] : ['straightened'])];
      const write = (
        kept: { set: string; values: Record<string, unknown>; remove?: string[] },
        textId?: string,
      ) =>
        items.updateIf(
          page,
          isAsSeen,
          {
            UpdateExpression: `SET #rotation = :rotation, preparedRotation = if_not_exists(preparedRotation, :seen), #edits = :edits, updatedAt = :now, ${[...set, kept.set].join(', ')}${removing([...remove, ...(kept.remove ?? []).map((name) => `#${name}`)])}`,
            ExpressionAttributeNames: {
              ...asSeen.names,
              '#rotation': 'rotation',
              ...Object.fromEntries((kept.remove ?? []).map((name) => [`#${name}`, name])),
            },
            ExpressionAttributeValues: {
              ...asSeen.values,
              ...kept.values,
              ':rotation': rotation,
              ...(isRotated ? { ':true': true } : {}),
              ...(straightened ? { ':straightened': straightened } : {}),
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
  };
}

/** What the queue missed follows with the project's summary, which each change marks as stale. */
const noticed = (writing: Promise<unknown>) => writing.catch(() => {});

const removing = (names: string[]) => (names.length > 0 ? ` REMOVE ${names.join(', ')}` : '');

const textOf = ({ projectId, id }: Page) => ({ projectId, pageId: id });

/** Recognizes a write by the text that the page points at since. */
const isPointingAt = (textId: string) => (item: Record<string, unknown>) => item.textId === textId;
