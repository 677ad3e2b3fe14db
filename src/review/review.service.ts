// Changes to a page: corrected, confirmed and added lines, the mark as reviewed; and, in the same call of the API, its
// position and rotation.
import type { AuditService } from '../audit/audit.service.ts';
import { changedSince, pageInFlight } from '../pages/page.errors.ts';
import type { PageStore } from '../pages/page.store.ts';
import type { Page } from '../pages/page.ts';
import { describeStraightening, type PageActions } from '../pages/page-actions.service.ts';
import type { PageImages } from '../pages/page-images.ts';
import { linesOf, type PageDetail, type PageReader } from '../pages/page-reader.ts';
import { type ShownAs, showLines, showPolygon, storePolygon, viewOf } from '../pages/turning.ts';
import type { Person } from '../people/person.ts';
import { aboutProject, type ProjectService } from '../projects/project.service.ts';
import { takeTurns } from '../runtime/short-turns.ts';
import type { Places } from '../text/acceptance.ts';
import { addedLineId, defaultPolygon, placeAmong } from '../text/added-lines.ts';
import { alignCorrections } from '../text/alignments.ts';
import { countsOf, reviewedText } from '../text/corrections.ts';
import type { Detection, Polygon } from '../text/detected-text.ts';
import type { ReviewStep } from '../text/page-text.ts';
import { undoneByOthers } from '../text/review.errors.ts';
import { changedLines, changeReview, lastStepOf, type ReviewChanges } from '../text/review.ts';
import type { Rotation } from '../text/rotated-polygons.ts';

interface Dependencies {
  projects: ProjectService;
  pages: PageStore;
  reader: PageReader;
  pageActions: Pick<PageActions, 'place' | 'turn' | 'straighten'>;
  images: Pick<PageImages, 'removeUnused'>;
  audit: Pick<AuditService, 'recordChange'>;
  now: () => Date;
}

/** A line's change as given. The polygon of a line added by hand refers to the image as shown. */
type GivenLine = Omit<NonNullable<ReviewChanges['lines']>[string], 'box'> & { polygon?: Polygon };

export interface PageChanges extends Omit<ReviewChanges, 'lines'> {
  lines?: Record<string, GivenLine>;
  /** How the image was shown on which polygons were drawn; by default as it is. */
  drawnAt?: ShownAs;
  number?: number;
  rotation?: Rotation;
  /** Takes the tilt of the text out, or undoes that. */
  straightened?: boolean;
  /** Marks the page as reviewed: no word is unsure any more. */
  reviewed?: boolean;
  /** The revision that the changes refer to. Nothing changes when the page has another image by now. */
  revision?: number;
}

/** How often a change of lines is repeated when other changes come first. */
const maxAttempts = 30;

export function createReviewService(dependencies: Dependencies) {
  const { projects, pages, reader, pageActions, images, audit, now } = dependencies;

  /**
   * Writes the lines and the resulting text at once. When another write comes first, the page is read again: changes
   * of other lines are kept, and a change of the same line is a conflict.
   */
  async function review(person: Person, seen: Page, changes: PageChanges): Promise<Page> {
    let page = seen;
    const undone = changes.undo && nameOfLastStep(page, person);
    for (let attempt = 1; ; attempt += 1) {
      // the SDK repeats a write whose answer was lost: then this step is already undone, and no other may be
      if (undone && nameOfLastStep(page, person) !== undone) return page;
      const step = changes.undo && lastStepOf(page.steps ?? [], person.id);
      const written =
        step?.rotation || step?.straightened
          ? await undoTurn(page, step)
          : await writeReview(person, page, changes);
      if (written) return written;
      if (attempt === maxAttempts) throw changedSince();
      page = await reader.find(page.projectId, page.id);
      if (page.revision !== seen.revision) throw changedSince();
    }
  }

  /** `undefined`: another change came first. */
  async function writeReview(person: Person, found: Page, changes: PageChanges): Promise<Page | undefined> {
    if (found.status !== 'ready') throw pageInFlight();
    const detection = await reader.readDetection(found);
    const page = await reader.aligned(found, detection);
    const corrections = { ...page.corrections, ...wantedTexts(changes) };
    const wanted = { corrections, alignments: await alignCorrections(detection, corrections, [page]) };
    const given = await withBoxes(page, detection, changes);
    const made = changeReview(page, detection, given, person.id, wanted.alignments);
    const alignments = await alignCorrections(detection, made.corrections, [page, wanted]);
    const lines = await linesOf(detection, { ...made, alignments });
    const mark = markOf(person, page, changes.reviewed);
    const isChanged = changedLines(page, made).length > 0 || mark.reviewedAt !== page.reviewedAt;
    if (!isChanged) return page;
    return pages.correct(page, made, {
      ...mark,
      alignments,
      text: reviewedText(lines),
      ...countsOf(lines, mark),
    });
  }

  /** `undefined`: another change came first. */
  async function undoTurn(page: Page, step: ReviewStep) {
    const { rotation, straightened } = step;
    const isOther =
      (rotation && page.rotation !== rotation.after) ||
      (straightened && (page.straightened ?? 0) !== straightened.after);
    if (isOther) throw undoneByOthers();
    const others = (page.steps ?? []).filter((other) => other !== step);
    const before = {
      rotation: rotation?.before ?? page.rotation,
      straightened: straightened?.before ?? page.straightened ?? 0,
    };
    const turned = await pages.show(page, before, others);
    if (turned) await images.removeUnused(turned, page);
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
    const { lines, words, accept, undo, reviewed } = changes;
    if (lines || words || accept || undo || reviewed !== undefined)
      changed = await review(person, changed, changes);
    if (changes.number !== undefined) {
      await pageActions.place([changed], changes.number);
      changed = await reader.find(page.projectId, page.id);
    }
    if (changes.rotation !== undefined && changes.rotation !== changed.rotation) {
      changed = await pageActions.turn(person, changed, changes.rotation);
    }
    if (changes.straightened !== undefined) {
      changed = await pageActions.straighten(person, changed, changes.straightened);
    }
    return changed;
  }

  async function changeOne(person: Person, projectId: string, pageId: string, changes: PageChanges) {
    const project = await projects.open(person, projectId);
    const seen = await reader.find(projectId, pageId);
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

  return {
    async change(
      person: Person,
      projectId: string,
      pageId: string,
      changes: PageChanges,
    ): Promise<PageDetail> {
      const { page } = await changeOne(person, projectId, pageId, changes);
      const number = (await pages.list(projectId)).findIndex((other) => other.id === pageId) + 1;
      return reader.detail(page, number);
    },

    /** For callers that know the page's position. `changed` lists the lines that differ from before. */
    async changeLines(person: Person, projectId: string, pageId: string, changes: PageChanges) {
      const { project, seen, page } = await changeOne(person, projectId, pageId, changes);
      const { lines } = await reader.detail(page, 0);
      return { project, page, lines, changed: changedLines(seen, page) };
    },
  };
}

export type ReviewService = ReturnType<typeof createReviewService>;

/** The wanted texts of detected lines, by line id. */
function wantedTexts({ lines = {} }: PageChanges): Record<string, string> {
  const texts = Object.entries(lines).flatMap(([id, { text }]) =>
    typeof text === 'string' && !addedLineId.test(id) ? [[id, text] as const] : [],
  );
  return Object.fromEntries(texts);
}

/** Adds the positions of lines added or moved by hand, in the orientation of the detection. */
async function withBoxes(
  page: Page,
  detection: Detection,
  { lines, drawnAt, ...changes }: PageChanges,
): Promise<ReviewChanges> {
  if (!lines) return changes;
  const view = viewOf(page);
  const shown = showLines(await linesOf(detection, page), view);
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
      ? showPolygon(storePolygon(drawn, viewOf(page, drawnAt)), view)
      : defaultPolygon(shown, line.text ?? '', page);
    const place = placeAmong(
      placed.filter((other) => other.id !== id),
      polygon,
    );
    placed.push({ id, polygon, place });
    const stored = storePolygon(polygon, view).map(({ x, y }) => ({
      x: tidy(x),
      y: tidy(y),
    }));
    given.push([id, { ...line, box: { place, polygon: stored as Polygon } }]);
  }
  return { ...changes, lines: Object.fromEntries(given) };
}

/** Five digits are a hundredth of a pixel on a large scan. */
const tidy = (fraction: number) => Math.round(fraction * 1e5) / 1e5;

/** For the audit trail. */
function nameChanges(changes: PageChanges) {
  const { rotation, straightened, revision: _, drawnAt: __, ...others } = changes;
  if (straightened !== undefined && rotation === undefined && Object.keys(others).length === 0)
    return { action: 'page.rotated', detail: describeStraightening(straightened) } as const;
  return rotation !== undefined && straightened === undefined && Object.keys(others).length === 0
    ? ({ action: 'page.rotated', detail: `to ${rotation}°` } as const)
    : ({ action: 'page.changed', detail: describeChanges(changes) } as const);
}

/** Names what changed, without the page's text. */
function describeChanges({ lines, words, accept, undo, reviewed, number, ...shown }: PageChanges): string {
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
    ...(accept ? [describeAccepted(accept)] : []),
    ...(undo ? ['undid the last change'] : []),
    ...(reviewed === undefined ? [] : [reviewed ? 'marked as reviewed' : 'marked as not reviewed']),
    ...(number === undefined ? [] : [`moved to ${number}`]),
    ...(shown.rotation === undefined ? [] : [`rotated to ${shown.rotation}°`]),
    ...(shown.straightened === undefined ? [] : [describeStraightening(shown.straightened)]),
  ];
  return parts.join('; ') || 'nothing';
}

function describeAccepted(accept: Places | 'all'): string {
  if (accept === 'all') return 'accepted all words';
  const [[id] = [], ...others] = Object.entries(accept);
  if (id !== undefined && others.length === 0) return `accepted all of ${id}`;
  const count = Object.values(accept).reduce((sum, places) => sum + places.length, 0);
  return `accepted ${count} words of ${others.length + 1} lines`;
}

function idsOf<T>(changes: Record<string, T>, isMeant: (change: T, id: string) => boolean): string {
  return Object.entries(changes)
    .flatMap(([id, change]) => (isMeant(change, id) ? [id] : []))
    .join(', ');
}

/** A name for the step that its content determines. */
function nameOfLastStep(page: Page, person: Person): string | undefined {
  const step = lastStepOf(page.steps ?? [], person.id);
  return step && `${page.steps?.length} ${JSON.stringify(step)}`;
}
