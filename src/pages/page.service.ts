import type { AuditService } from '../audit/audit.service.ts';
import type { Person } from '../auth/person.ts';
import type { Blob, BlobStore } from '../aws/blob-store.ts';
import { notFound, PaperliftError } from '../errors.ts';
import { aboutProject, type ProjectService } from '../projects/project.service.ts';
import { applyCorrections, type ReviewedLine, reviewedText } from './corrections.ts';
import type { Detection } from './detected-text.ts';
import { pageKeys } from './page.keys.ts';
import type { PageStore } from './page.store.ts';
import { isFinal, type Page, type PageSummary } from './page.ts';
import { changedMeanwhile, type UploadService } from './upload.service.ts';

interface Dependencies {
  projects: ProjectService;
  pages: PageStore;
  audit: Pick<AuditService, 'recordChange' | 'recordRead'>;
  blobs: BlobStore;
  uploads: Pick<UploadService, 'announce'>;
}

/** A page with its number and what was read on it. */
export interface PageDetail {
  page: Page;
  number: number;
  lines: ReviewedLine[];
  text: string;
}

export interface PageChanges {
  number?: number;
  rotation?: 0 | 90 | 180 | 270;
  /** Corrected texts by line id; `null` goes back to what was detected. */
  lines?: Record<string, string | null>;
}

const readAtOnce = 8;

export function createPageService({ projects, pages, audit, blobs, uploads }: Dependencies) {
  async function find(projectId: string, pageId: string): Promise<Page> {
    const page = await pages.find(projectId, pageId);
    if (!page) throw notFound('page');
    return page;
  }

  async function numberOf(page: Page): Promise<{ number: number; siblings: PageSummary[] }> {
    const siblings = await pages.list(page.projectId);
    return { number: siblings.findIndex((sibling) => sibling.id === page.id) + 1, siblings };
  }

  async function readDetection(page: Page): Promise<Detection> {
    if (!page.detectionKey) return { lines: [] };
    return JSON.parse((await blobs.read(page.detectionKey)).toString('utf8')) as Detection;
  }

  async function detail(page: Page, number: number): Promise<PageDetail> {
    const detection = page.status === 'ready' ? await readDetection(page) : { lines: [] };
    const lines = applyCorrections(detection, page.corrections);
    return { page, number, lines, text: reviewedText(lines) };
  }

  function orConflict(page: Page | undefined): Page {
    if (!page) throw changedMeanwhile();
    return page;
  }

  /** Halfway between the new neighbours; where there is no room left, all pages are spread out anew. */
  async function move(page: Page, number: number): Promise<Page> {
    const others = (await pages.list(page.projectId)).filter((other) => other.id !== page.id);
    const index = Math.min(number, others.length + 1) - 1;
    const before = others[index - 1]?.position ?? (others[0]?.position ?? page.position) - 2_000_000;
    const after = others[index]?.position ?? before + 2_000_000;
    const position = Math.floor((before + after) / 2);
    if (position > before && position < after) return orConflict(await pages.move(page, position));
    const spread = [...others.slice(0, index), page, ...others.slice(index)];
    for (const [place, other] of spread.entries()) {
      const moved = await pages.move(other as Page, (place + 1) * 1_000_000);
      if (other.id === page.id) orConflict(moved);
    }
    return find(page.projectId, page.id);
  }

  async function rotate(page: Page, rotation: number): Promise<Page> {
    if (!isFinal(page)) throw stillUnderWay();
    const revised = orConflict(await pages.reviseImage(page, { rotation }));
    await uploads.announce(revised);
    return revised;
  }

  async function correct(page: Page, lines: Record<string, string | null>): Promise<Page> {
    if (page.status !== 'ready') throw stillUnderWay();
    const detection = await readDetection(page);
    const corrections = { ...page.corrections };
    for (const [lineId, text] of Object.entries(lines)) {
      const line = detection.lines.find((candidate) => candidate.id === lineId);
      if (!line) throw noSuchLine(lineId);
      if (text === null || text === line.text) delete corrections[lineId];
      else corrections[lineId] = text;
    }
    return orConflict(
      await pages.correct(page, corrections, reviewedText(applyCorrections(detection, corrections))),
    );
  }

  async function apply(page: Page, changes: PageChanges): Promise<Page> {
    let changed = page;
    if (changes.lines) changed = await correct(changed, changes.lines);
    if (changes.number !== undefined) changed = await move(changed, changes.number);
    if (changes.rotation !== undefined && changes.rotation !== changed.rotation) {
      changed = await rotate(changed, changes.rotation);
    }
    return changed;
  }

  /** The page, to look at: noted when it is in somebody else's project. */
  async function view(person: Person, projectId: string, pageId: string): Promise<Page> {
    const project = await projects.read(person, projectId);
    const page = await find(projectId, pageId);
    await audit.recordRead({ ...aboutProject(person, project), action: 'page.viewed', pageId });
    return page;
  }

  return {
    async list(person: Person, projectId: string): Promise<PageSummary[]> {
      const [, listed] = await Promise.all([projects.view(person, projectId), pages.list(projectId)]);
      return listed;
    },

    /** How many pages each project has. The caller has seen to it that the person may know. */
    async count(projectIds: string[]): Promise<number[]> {
      return Promise.all(projectIds.map((projectId) => pages.count(projectId)));
    },

    /** Each project's pages. The caller has seen to it that the person may know. */
    async summarize(projectIds: string[]): Promise<PageSummary[][]> {
      return Promise.all(projectIds.map((projectId) => pages.list(projectId)));
    },

    async read(
      person: Person,
      projectId: string,
      pageId: string,
    ): Promise<PageDetail & { siblings: PageSummary[] }> {
      const page = await view(person, projectId, pageId);
      const { number, siblings } = await numberOf(page);
      return { ...(await detail(page, number)), siblings };
    },

    /** For exports: every page with what was read on it, as it is now. */
    async readAll(summaries: PageSummary[]): Promise<PageDetail[]> {
      const details: PageDetail[] = [];
      for (let start = 0; start < summaries.length; start += readAtOnce) {
        const some = summaries.slice(start, start + readAtOnce);
        const reading = some.map(async ({ projectId, id }, index) =>
          detail(await find(projectId, id), start + index + 1),
        );
        details.push(...(await Promise.all(reading)));
      }
      return details;
    },

    /** The upright image or its thumbnail, a JPEG. Not there until the page is prepared. */
    async openImage(
      person: Person,
      projectId: string,
      pageId: string,
      kind: 'image' | 'thumbnail',
    ): Promise<Blob> {
      const page =
        kind === 'image'
          ? await view(person, projectId, pageId)
          : await projects.read(person, projectId).then(() => find(projectId, pageId));
      const key = kind === 'image' ? page.imageKey : page.thumbnailKey;
      if (!key) {
        throw new PaperliftError('not-found', {
          code: 'image-not-ready',
          message: 'The image of this page is not prepared yet.',
          todo: 'Wait a moment, then load it again.',
        });
      }
      return blobs.open(key);
    },

    async retry(person: Person, projectId: string, pageId: string): Promise<PageDetail> {
      const project = await projects.open(person, projectId);
      const page = await find(projectId, pageId);
      if (page.status !== 'failed') {
        throw new PaperliftError('conflict', {
          code: 'page-not-failed',
          message: 'Only a page that failed can be tried again.',
          todo: 'Look at the page: it is read, or being read.',
        });
      }
      const retried = await audit.recordChange(
        { ...aboutProject(person, project), action: 'page.retried', pageId },
        async () => orConflict(await pages.retry(page)),
      );
      await uploads.announce(retried);
      return detail(retried, (await numberOf(retried)).number);
    },

    async change(
      person: Person,
      projectId: string,
      pageId: string,
      changes: PageChanges,
    ): Promise<PageDetail> {
      const project = await projects.open(person, projectId);
      const page = await find(projectId, pageId);
      const changed = await audit.recordChange(
        { ...aboutProject(person, project), action: 'page.changed', pageId, detail: sayChanges(changes) },
        () => apply(page, changes),
      );
      return detail(changed, (await numberOf(changed)).number);
    },

    async remove(person: Person, projectId: string, pageId: string) {
      const project = await projects.open(person, projectId);
      const erase = async () => {
        const removed = await pages.remove(projectId, pageId);
        await blobs.removeBelow(pageKeys.all({ projectId, id: pageId })); // also what an earlier try left
        if (!removed) throw notFound('page');
      };
      if (!(await pages.find(projectId, pageId))) return erase();
      await audit.recordChange({ ...aboutProject(person, project), action: 'page.deleted', pageId }, erase);
    },
  };
}

export type PageService = ReturnType<typeof createPageService>;

/** What is changed, without what was written on the page. */
function sayChanges({ lines, number, rotation }: PageChanges): string {
  const parts = [
    ...(lines ? [`corrected ${Object.keys(lines).join(', ') || 'no line'}`] : []),
    ...(number === undefined ? [] : [`moved to ${number}`]),
    ...(rotation === undefined ? [] : [`rotated to ${rotation}°`]),
  ];
  return parts.join('; ') || 'nothing';
}

function stillUnderWay() {
  return new PaperliftError('conflict', {
    code: 'page-under-way',
    message: 'The page is just being read.',
    todo: 'Wait until it is ready, then repeat what you wanted to do.',
  });
}

function noSuchLine(lineId: string) {
  return new PaperliftError('invalid', {
    code: 'line-unknown',
    message: `The page has no line "${lineId}".`,
    todo: 'Take the line ids from the page as it is now.',
  });
}
