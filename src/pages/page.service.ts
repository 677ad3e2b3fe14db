import type { AuditService } from '../audit/audit.service.ts';
import type { Blob, BlobStore } from '../aws/blob-store.ts';
import { notFound, PaperliftError } from '../errors.ts';
import type { Person } from '../people/person.ts';
import { aboutProject, type ProjectService } from '../projects/project.service.ts';
import { takeTurns } from '../runtime/short-turns.ts';
import { addedLineId, defaultPolygon, placeAmong } from '../text/added-lines.ts';
import { alignCorrections } from '../text/alignments.ts';
import {
  correctLine,
  countWordsToCheck,
  type ReviewedLine,
  reviewedText,
  withAdded,
} from '../text/corrections.ts';
import type { Detection, Polygon } from '../text/detected-text.ts';
import {
  changedLines,
  changeReview,
  lastStepOf,
  type ReviewChanges,
  undoneByOthers,
} from '../text/review.ts';
import { changedSince, type UploadService } from '../uploads/upload.service.ts';
import type { PageStore } from './page.store.ts';
import type { Page, PageSummary, ReviewStep } from './page.ts';
import { type PageActions, pageInFlight } from './page-actions.service.ts';
import type { ImageKind, PageImages } from './page-images.ts';
import { isRetryable, retryIsFutile } from './retryable.ts';
import { normalizeRotation, type Rotation, turnLines, turnOf, turnPolygon } from './turning.ts';

interface Dependencies {
  projects: ProjectService;
  pages: PageStore;
  audit: Pick<AuditService, 'recordChange' | 'recordRead'>;
  pageActions: Pick<PageActions, 'place' | 'turn' | 'remove'>;
  blobs: BlobStore;
  images: Pick<PageImages, 'open' | 'removeUnused'>;
  uploads: Pick<UploadService, 'announce'>;
  now: () => Date;
}

/** A page with its number and what was read on it. */
export interface PageDetail {
  page: Page;
  number: number;
  lines: ReviewedLine[];
  text: string;
}

/** A line's change, as people give it: the polygon of a line added by hand is in the frame of the image as shown. */
type GivenLine = Omit<NonNullable<ReviewChanges['lines']>[string], 'box'> & { polygon?: Polygon };

export interface PageChanges extends Omit<ReviewChanges, 'lines'> {
  lines?: Record<string, GivenLine>;
  /** The rotation of the image on which polygons were drawn; by default that of the page now. */
  drawnAt?: Rotation;
  number?: number;
  rotation?: Rotation;
  /** The page's words are as a person wants them: none is in doubt any more. */
  reviewed?: boolean;
  /** What the changes are meant for; nothing is changed when the page has another image by now. */
  revision?: number;
}

const readAtOnce = 8;

/** As often a change of lines is tried again because somebody else's came first. */
const maxAttempts = 30;

export function createPageService(dependencies: Dependencies) {
  const { projects, pages, pageActions, audit, blobs, images, uploads, now } = dependencies;

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

  /** With its alignments: those of a page that was corrected before they were stored are found now, and stored. */
  async function aligned(page: Page, detection: Detection): Promise<Page> {
    if (page.alignments || !page.corrections) return page;
    const alignments = await alignCorrections(detection, page.corrections);
    // when they cannot be stored, the next reader stores them
    await pages.keepAlignments(page, alignments).catch(() => {});
    return { ...page, alignments };
  }

  async function detail(found: Page, number: number): Promise<PageDetail> {
    const detection = found.status === 'ready' ? await readDetection(found) : { lines: [] };
    const page = found.status === 'ready' ? await aligned(found, detection) : found;
    const lines = await linesOf(detection, page);
    return { page, number, lines: turnLines(lines, turnOf(page)), text: reviewedText(lines) };
  }

  function orConflict(page: Page | undefined): Page {
    if (!page) throw changedSince();
    return page;
  }

  /**
   * Changes the lines as one write with the text that they add up to. Somebody else's write in between is read and gone by:
   * other lines do not matter, and of the same line the person is told.
   */
  async function review(person: Person, seen: Page, changes: PageChanges): Promise<Page> {
    let page = seen;
    const undone = changes.undo && nameOfLastStep(page, person);
    for (let attempt = 1; ; attempt += 1) {
      // the SDK repeats a write whose answer was lost: then this step is undone already, and no other is to be
      if (undone && nameOfLastStep(page, person) !== undone) return page;
      const step = changes.undo && lastStepOf(page.steps ?? [], person.id);
      const written = step?.rotation
        ? await undoTurn(page, step, step.rotation)
        : await writeReview(person, page, changes);
      if (written) return written;
      if (attempt === maxAttempts) throw changedSince();
      page = await find(page.projectId, page.id);
      if (page.revision !== seen.revision) throw changedSince();
    }
  }

  /** `undefined`: somebody else's change came first. */
  async function writeReview(person: Person, found: Page, changes: PageChanges): Promise<Page | undefined> {
    if (found.status !== 'ready') throw pageInFlight();
    const detection = await readDetection(found);
    const page = await aligned(found, detection);
    const corrections = { ...page.corrections, ...wantedTexts(changes) };
    const wanted = { corrections, alignments: await alignCorrections(detection, corrections, [page]) };
    const given = await withBoxes(page, detection, changes);
    const made = changeReview(page, detection, given, person.id, wanted.alignments);
    const alignments = await alignCorrections(detection, made.corrections, [page, wanted]);
    const lines = await linesOf(detection, { ...made, alignments });
    const mark = markOf(person, page, changes.reviewed);
    const isNews = changedLines(page, made).length > 0 || mark.reviewedAt !== page.reviewedAt;
    if (!isNews) return page;
    return pages.correct(page, made, {
      ...mark,
      alignments,
      text: reviewedText(lines),
      wordCount: lines.reduce((count, line) => count + line.words.length, 0),
      doubtfulCount: countWordsToCheck(lines, mark),
    });
  }

  /** `undefined`: somebody else's change came first. */
  async function undoTurn(page: Page, step: ReviewStep, turn: { before: number; after: number }) {
    if (page.rotation !== turn.after) throw undoneByOthers();
    const others = (page.steps ?? []).filter((other) => other !== step);
    const turned = await pages.turn(page, turn.before, others);
    if (turned) await images.removeUnused(turned, page.rotation);
    return turned;
  }

  function markOf(person: Person, page: Page, reviewed?: boolean): Pick<Page, 'reviewedAt' | 'reviewedBy'> {
    if (reviewed) return { reviewedAt: now().toISOString(), reviewedBy: person.name };
    if (reviewed === false || !page.reviewedAt) return {};
    return { reviewedAt: page.reviewedAt, ...(page.reviewedBy ? { reviewedBy: page.reviewedBy } : {}) };
  }

  async function apply(person: Person, page: Page, changes: PageChanges): Promise<Page> {
    if (changes.revision !== undefined && changes.revision !== page.revision) throw changedSince();
    let changed = page;
    const { lines, words, undo, reviewed } = changes;
    if (lines || words || undo || reviewed !== undefined) changed = await review(person, changed, changes);
    if (changes.number !== undefined) {
      await pageActions.place([changed], changes.number);
      changed = await find(page.projectId, page.id);
    }
    if (changes.rotation !== undefined && changes.rotation !== changed.rotation) {
      changed = await pageActions.turn(person, changed, changes.rotation);
    }
    return changed;
  }

  async function changeOne(person: Person, projectId: string, pageId: string, changes: PageChanges) {
    const project = await projects.open(person, projectId);
    const seen = await find(projectId, pageId);
    const page = await audit.recordChange(
      {
        ...aboutProject(person, project),
        pageId,
        fileName: seen.fileName,
        ...nameChanges(changes),
      },
      () => apply(person, seen, changes),
    );
    return { project, seen, page };
  }

  /** The page, to look at: noted when it is in somebody else's project. */
  async function view(person: Person, projectId: string, pageId: string): Promise<Page> {
    const project = await projects.read(person, projectId);
    const page = await find(projectId, pageId);
    await audit.recordRead({
      ...aboutProject(person, project),
      action: 'page.viewed',
      pageId,
      fileName: page.fileName,
    });
    return page;
  }

  return {
    async list(person: Person, projectId: string): Promise<PageSummary[]> {
      const [, listed] = await Promise.all([projects.view(person, projectId), pages.list(projectId)]);
      return listed;
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

    /**
     * The upright image or its thumbnail, a JPEG: at the rotation that is asked for, so that it goes with polygons that
     * were read before a turn, or at that of the page now. Not there until the page is prepared.
     */
    async openImage(
      person: Person,
      projectId: string,
      pageId: string,
      { kind, rotation }: { kind: ImageKind; rotation?: Rotation | undefined },
    ): Promise<Blob> {
      const page =
        kind === 'image'
          ? await view(person, projectId, pageId)
          : await projects.read(person, projectId).then(() => find(projectId, pageId));
      return images.open(page, kind, rotation);
    },

    async retry(person: Person, projectId: string, pageId: string): Promise<PageDetail> {
      const project = await projects.open(person, projectId);
      const page = await find(projectId, pageId);
      if (page.status !== 'failed') {
        throw new PaperliftError('conflict', {
          code: 'page-not-failed',
          message: 'Only a failed page can be retried.',
          hint: 'Check the page: it is ready or being processed.',
        });
      }
      if (!isRetryable(page)) throw retryIsFutile(page);
      const retried = await audit.recordChange(
        { ...aboutProject(person, project), action: 'page.retried', pageId, fileName: page.fileName },
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
      const { page } = await changeOne(person, projectId, pageId, changes);
      return detail(page, (await numberOf(page)).number);
    },

    /** The same for who knows the page's place already; `changed` are the lines that differ from what they were. */
    async changeLines(person: Person, projectId: string, pageId: string, changes: PageChanges) {
      const { project, seen, page } = await changeOne(person, projectId, pageId, changes);
      const { lines } = await detail(page, 0);
      return { project, page, lines, changed: changedLines(seen, page) };
    },

    /** Takes the page out of everything; for an hour it can be put back. */
    async remove(person: Person, projectId: string, pageId: string) {
      await pageActions.remove(person, projectId, [pageId]);
    },
  };
}

export type PageService = ReturnType<typeof createPageService>;

async function linesOf(
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

/** What detected lines are to read, by line id. */
function wantedTexts({ lines = {} }: PageChanges): Record<string, string> {
  const texts = Object.entries(lines).flatMap(([id, { text }]) =>
    typeof text === 'string' && !addedLineId.test(id) ? [[id, text] as const] : [],
  );
  return Object.fromEntries(texts);
}

/** With where the lines lie that are added by hand, or moved, in the frame of the detection. */
async function withBoxes(
  page: Page,
  detection: Detection,
  { lines, drawnAt, ...changes }: PageChanges,
): Promise<ReviewChanges> {
  if (!lines) return changes;
  const turn = turnOf(page);
  const shown = turnLines(await linesOf(detection, page), turn);
  const places = new Map(detection.lines.map((line, index) => [line.id, index + 1]));
  const placeOf = (id: string) => page.added?.[id]?.place ?? places.get(id) ?? 0;
  const placed = shown.map(({ id, polygon }) => ({ id, polygon, place: placeOf(id) }));
  const given: [string, NonNullable<ReviewChanges['lines']>[string]][] = [];
  const takeTurn = takeTurns();
  for (const [id, { polygon: drawn, ...line }] of Object.entries(lines)) {
    const isNew = addedLineId.test(id) && !page.added?.[id] && line.text;
    if (!drawn && !isNew) {
      given.push([id, line]);
      continue;
    }
    await takeTurn();
    const polygon = drawn
      ? turnPolygon(drawn, normalizeRotation(page.rotation - (drawnAt ?? page.rotation)))
      : defaultPolygon(shown, line.text ?? '', page);
    const place = placeAmong(
      placed.filter((other) => other.id !== id),
      polygon,
    );
    placed.push({ id, polygon, place });
    const stored = turnPolygon(polygon, normalizeRotation(-turn)).map(({ x, y }) => ({
      x: tidy(x),
      y: tidy(y),
    }));
    given.push([id, { ...line, box: { place, polygon: stored as Polygon } }]);
  }
  return { ...changes, lines: Object.fromEntries(given) };
}

/** Five digits are a hundredth of a pixel of a large scan. */
const tidy = (fraction: number) => Math.round(fraction * 1e5) / 1e5;

/** For the trail. */
function nameChanges(changes: PageChanges) {
  const { rotation, revision: _, drawnAt: __, ...others } = changes;
  return rotation !== undefined && Object.keys(others).length === 0
    ? ({ action: 'page.rotated', detail: `to ${rotation}°` } as const)
    : ({ action: 'page.changed', detail: describeChanges(changes) } as const);
}

/** What is changed, without what was written on the page. */
function describeChanges({ lines, words, undo, reviewed, number, rotation }: PageChanges): string {
  const isAdded = (id: string) => addedLineId.test(id);
  const added = idsOf(lines ?? {}, (_, id) => isAdded(id));
  const corrected = idsOf(lines ?? {}, ({ text }, id) => text !== undefined && !isAdded(id));
  const read = idsOf(lines ?? {}, ({ accepted }, id) => accepted === true && !isAdded(id));
  const right = idsOf(words ?? {}, (isRight) => isRight);
  const doubted = idsOf(words ?? {}, (isRight) => !isRight);
  const parts = [
    ...(lines && (corrected || !added) ? [`corrected ${corrected || 'no line'}`] : []),
    ...(added ? ['changed lines added by hand'] : []),
    ...(read ? [`accepted all of ${read}`] : []),
    ...(right ? [`accepted ${right}`] : []),
    ...(doubted ? [`doubted again ${doubted}`] : []),
    ...(undo ? ['undid the last change'] : []),
    ...(reviewed === undefined ? [] : [reviewed ? 'marked as reviewed' : 'marked as not reviewed']),
    ...(number === undefined ? [] : [`moved to ${number}`]),
    ...(rotation === undefined ? [] : [`rotated to ${rotation}°`]),
  ];
  return parts.join('; ') || 'nothing';
}

function idsOf<T>(changes: Record<string, T>, isMeant: (change: T, id: string) => boolean): string {
  return Object.entries(changes)
    .flatMap(([id, change]) => (isMeant(change, id) ? [id] : []))
    .join(', ');
}

/** Told apart from others by what it holds. */
function nameOfLastStep(page: Page, person: Person): string | undefined {
  const step = lastStepOf(page.steps ?? [], person.id);
  return step && `${page.steps?.length} ${JSON.stringify(step)}`;
}
