// Detects the text of pages again: of failed ones, and of ready ones in other languages.
import type { Person } from '../people/person.ts';
import type { ProjectService } from '../projects/project.service.ts';
import { nameLanguages } from '../text/languages.ts';
import { actOnEach } from './act-on-each.ts';
import type { PageChoice } from './chosen-pages.ts';
import {
  changedSince,
  correctionsWouldBeLost,
  noOwnText,
  pageInFlight,
  pageNotFailed,
} from './page.errors.ts';
import type { EnqueuePage } from './page.queue.ts';
import type { PageStore } from './page.store.ts';
import { isFinal, otherSourceOf, type Page, type PageSummary, type TextSource } from './page.ts';
import type { PageAllowance } from './page-allowance.store.ts';
import { hasWork } from './page-work.ts';
import type { Reading } from './reading.ts';
import { isRetryable, retryIsFutile } from './retryable.ts';

interface Dependencies {
  projects: Pick<ProjectService, 'open'>;
  pages: Pick<PageStore, 'list' | 'findWithText' | 'retry' | 'reviseText'>;
  choice: PageChoice;
  allowance: Pick<PageAllowance, 'take' | 'giveBack'>;
  /** The PDF that a page is from. */
  findPdf: (projectId: string, importId: string) => Promise<Reading['original']>;
  enqueue: EnqueuePage;
}

/** What a person asks for. A ready page is processed again only when its reading is to change. */
export interface Retry extends Omit<Reading, 'original'> {
  /** Confirms that what people made of the text is given up. */
  discardCorrections?: boolean | undefined;
}

export function createPageRetries({ projects, pages, choice, allowance, findPdf, enqueue }: Dependencies) {
  /**
   * Queues failed pages again. Skips pages that have not failed or would fail again. Returns how many were queued.
   * Throws `retry-cannot-help` when all would fail again.
   */
  async function retry(person: Person, projectId: string, pageIds: string[], reading: Reading = {}) {
    const found = await choice.choose(person, projectId, pageIds);
    const failed = found.chosen.filter((page) => page.status === 'failed');
    const [first] = failed;
    if (!first) return 0;
    const chosen = failed.filter(isRetryable);
    if (chosen.length === 0) throw retryIsFutile(first);
    const said = { action: 'page.retried', detail: describeReading(reading) } as const;
    await choice.recordChange(person, { ...found, chosen }, said, () =>
      actOnEach(chosen, async (page) => {
        const retried = await pages.retry(page, reading);
        if (retried) await enqueue(retried);
      }),
    );
    return chosen.length;
  }

  /** Another text source needs the file: the image beside the PDF's own text is not fine enough to be read. */
  async function withOriginal(page: PageSummary, reading: Omit<Reading, 'original'>): Promise<Reading> {
    const { textSource } = reading;
    if (textSource === undefined || textSource === (page.textSource ?? 'ocr')) return reading;
    const original =
      page.source?.hadText === true ? await findPdf(page.projectId, page.source.importId) : undefined;
    if (!original) throw noOwnText();
    return { ...reading, original };
  }

  /**
   * Starts new revisions, of each page in its reading or in `reading`. They count against the day's pages as uploads do. Returns
   * how many were queued.
   */
  async function detectAgain(
    person: Person,
    { project, chosen }: { project: Parameters<PageChoice['recordChange']>[1]['project']; chosen: Page[] },
    reading: Reading,
    readings = new Map<Page, Reading>(),
  ): Promise<number> {
    const counted = await allowance.take(person, chosen.length);
    let queued = 0;
    try {
      const said = { action: 'page.detected-again', detail: describeReading(reading) } as const;
      await choice.recordChange(person, { project, chosen }, said, () =>
        actOnEach(chosen, async (page) => {
          const revised = await pages.reviseText(page, readings.get(page) ?? reading);
          if (!revised) return; // changed or deleted meanwhile
          queued += 1;
          await enqueue(revised);
        }),
      );
    } finally {
      const unused = Math.min(counted.pages, chosen.length - queued);
      await allowance.giveBack(person, counted, unused).catch(() => {});
    }
    return queued;
  }

  /** Ready pages on which no person worked, and for which nobody chose languages. */
  async function untouched(projectId: string): Promise<Page[]> {
    const candidates = (await pages.list(projectId)).filter(
      (page) => page.status === 'ready' && !page.reviewedAt && !page.languages,
    );
    return withoutWork(candidates);
  }

  async function withoutWork(candidates: PageSummary[]): Promise<Page[]> {
    const found = await actOnEach(
      candidates,
      // a page that was never changed by a person has no edits
      async (page) => (page.edits ? pages.findWithText(page.projectId, page.id) : page),
    );
    return found.filter((page) => page !== undefined).filter((page) => !hasWork(page));
  }

  return {
    retry,

    /**
     * Retries one failed page, or detects a ready page's text again as asked for. Throws `page-not-failed` when a page
     * that has not failed is to be processed as it was, and `corrections-would-be-lost` unless these may be discarded.
     */
    async retryPage(
      person: Person,
      projectId: string,
      pageId: string,
      { discardCorrections = false, ...reading }: Retry = {},
    ) {
      const { project, chosen } = await choice.choose(person, projectId, [pageId]);
      if (chosen[0]?.status === 'failed') {
        await retry(person, projectId, [pageId], await withOriginal(chosen[0], reading));
        return;
      }
      if (Object.values(reading).every((value) => value === undefined)) throw pageNotFailed();
      const page = await pages.findWithText(projectId, pageId);
      if (!page) throw changedSince();
      if (!isFinal(page)) throw pageInFlight();
      if (hasWork(page) && !discardCorrections) throw correctionsWouldBeLost();
      const asked = await withOriginal(page, reading);
      if ((await detectAgain(person, { project, chosen: [page] }, asked)) === 0) throw changedSince();
    },

    /**
     * Reads pages of PDFs as images, or takes the PDFs' own text again. Skips pages that have none or are read so already, and
     * those on which somebody worked. Returns how many were queued, and on how many of the others somebody worked. Throws
     * `corrections-would-be-lost` when that is all of them.
     */
    async readFrom(person: Person, projectId: string, pageIds: string[], textSource: TextSource) {
      const { project, chosen } = await choice.choose(person, projectId, pageIds);
      const candidates = chosen.filter((page) => otherSourceOf(page) === textSource);
      if (candidates.length === 0) return { queued: 0, kept: 0 };
      const free = await withoutWork(candidates);
      if (free.length === 0) throw correctionsWouldBeLost();
      const readings = await actOnEach(
        free,
        async (page) => [page, await withOriginal(page, { textSource })] as const,
      );
      const queued = await detectAgain(person, { project, chosen: free }, { textSource }, new Map(readings));
      return { queued, kept: candidates.length - free.length };
    },

    /** How many pages `retryUntouched` would process, and how many it would leave. The caller has checked the access. */
    async countUntouched(projectId: string): Promise<{ pages: number; kept: number }> {
      const ready = (await pages.list(projectId)).filter(({ status }) => status === 'ready').length;
      const count = (await untouched(projectId)).length;
      return { pages: count, kept: Math.max(0, ready - count) };
    },

    /** Detects the text of every page again on which no person worked. Returns how many were queued. */
    async retryUntouched(person: Person, projectId: string): Promise<number> {
      const project = await projects.open(person, projectId);
      const chosen = await untouched(projectId);
      return chosen.length === 0 ? 0 : detectAgain(person, { project, chosen }, {});
    },
  };
}

/** For the audit trail. */
function describeReading({ languages, textSource }: Reading): string | undefined {
  const said = [
    ...(textSource ? [textSource === 'ocr' ? 'from the image' : 'from the PDF’s own text'] : []),
    ...(languages
      ? [languages.length > 0 ? `in ${nameLanguages(languages)}` : 'in the project’s languages']
      : []),
  ];
  return said.length > 0 ? said.join(', ') : undefined;
}
