// The text of pages with corrections applied, as exports, the review and the API show it.
import pMap from 'p-map';
import type { BlobStore } from '../aws/blob-store.ts';
import { notFound } from '../errors.ts';
import type { Project } from '../projects/project.ts';
import { takeTurns } from '../runtime/short-turns.ts';
import { alignCorrections } from '../text/alignments.ts';
import { correctLine, type ReviewedLine, reviewedText, withAdded } from '../text/corrections.ts';
import type { Detection } from '../text/detected-text.ts';
import type { Language } from '../text/languages.ts';
import { withoutNoise } from '../text/unsure-words.ts';
import { withLanguage } from './language-of-page.ts';
import type { PageStore } from './page.store.ts';
import type { Page, PageSummary } from './page.ts';
import { showLines, viewOf } from './page-view.ts';

interface Dependencies {
  pages: Pick<PageStore, 'findWithText' | 'keepAlignments'>;
  blobs: Pick<BlobStore, 'read'>;
  /** Of projects that choose none. */
  defaultLanguages: Language[];
}

/** A page with its number and its lines. */
export interface PageDetail {
  page: Page;
  number: number;
  lines: ReviewedLine[];
  text: string;
}

const concurrency = 8;

/** Does not check permissions: services do so before they call it. */
export function createPageReader({ pages, blobs, defaultLanguages }: Dependencies) {
  /** With its text. */
  async function find(projectId: string, pageId: string): Promise<Page> {
    const page = await pages.findWithText(projectId, pageId);
    if (!page) throw notFound('page');
    return page;
  }

  async function readDetection(page: Page): Promise<Detection> {
    if (!page.detectionKey) return { lines: [] };
    const stored = await blobs.read(page.detectionKey);
    await takeTurns()(); // a page of 2 MB takes a turn to parse; those of several requests are parsed one by one
    const detection = JSON.parse(stored.toString('utf8')) as Detection;
    // pages read before noise was dropped may have it, and corrections of it
    return Object.keys(page.corrections ?? {}).length > 0 ? detection : withoutNoise(detection);
  }

  /**
   * The page with its alignments. If it was corrected before alignments were stored, they are computed and stored now.
   */
  async function aligned(page: Page, detection: Detection): Promise<Page> {
    if (page.alignments || !page.corrections) return page;
    const alignments = await alignCorrections(detection, page.corrections);
    // when storing fails, the next reader stores them
    await pages.keepAlignments(page, alignments).catch(() => {});
    return { ...page, alignments };
  }

  async function detail(
    found: Page,
    number: number,
    project: Pick<Project, 'languages'>,
  ): Promise<PageDetail> {
    const detection = found.status === 'ready' ? await readDetection(found) : { lines: [] };
    const page = found.status === 'ready' ? await aligned(found, detection) : found;
    const lines = await linesOf(detection, page);
    const text = reviewedText(lines);
    return {
      page: withLanguage(page, { project, defaults: defaultLanguages, text }),
      number,
      lines: showLines(lines, viewOf(page)),
      text,
    };
  }

  return {
    find,
    readDetection,
    aligned,
    detail,

    /** For exports: every page with its current lines. */
    readAll: (project: Project, summaries: PageSummary[]): Promise<PageDetail[]> =>
      pMap(summaries, async ({ id }, index) => detail(await find(project.id, id), index + 1, project), {
        concurrency,
      }),
  };
}

export type PageReader = ReturnType<typeof createPageReader>;

/** The lines of the detection with corrections and added lines. */
export async function linesOf(
  detection: Detection,
  page: Pick<Page, 'corrections' | 'accepted' | 'added' | 'alignments'>,
): Promise<ReviewedLine[]> {
  const takeTurn = takeTurns();
  const lines: ReviewedLine[] = [];
  for (const line of detection.lines) {
    await takeTurn();
    lines.push(correctLine(line, page));
  }
  return withAdded(lines, page.added);
}
