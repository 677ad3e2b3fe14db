// Changes to a page: corrected, confirmed and added lines, the mark as reviewed; and, in the same call of the API, its
// position and rotation.
import type { AuditService } from '../audit/audit.service.ts';
import type { AssignmentService } from '../pages/assignment.service.ts';
import { changedSince, pageInFlight } from '../pages/page.errors.ts';
import type { PageStore } from '../pages/page.store.ts';
import type { Page } from '../pages/page.ts';
import type { PageActions } from '../pages/page-actions.service.ts';
import type { PageImages } from '../pages/page-images.ts';
import { linesOf, type PageDetail, type PageReader } from '../pages/page-reader.ts';
import type { Person } from '../people/person.ts';
import { aboutProject, type ProjectService } from '../projects/project.service.ts';
import type { Project } from '../projects/project.ts';
import { addedLineId } from '../text/added-lines.ts';
import { alignCorrections } from '../text/alignments.ts';
import { countsOf, countWordsToCheck, reviewedText } from '../text/corrections.ts';
import { changedLines } from '../text/line-states.ts';
import type { ReviewStep } from '../text/page-text.ts';
import { uncheckedWords, undoneByOthers } from '../text/review.errors.ts';
import { changeReview } from '../text/review.ts';
import { lastStepOf } from '../text/review-steps.ts';
import { nameChanges } from './change-description.ts';
import { withBoxes } from './line-boxes.ts';
import type { PageChanges } from './page-changes.ts';

interface Dependencies {
  projects: ProjectService;
  pages: PageStore;
  reader: PageReader;
  pageActions: Pick<PageActions, 'place' | 'turn' | 'straighten'>;
  images: Pick<PageImages, 'removeUnused'>;
  assignments: Pick<AssignmentService, 'assignPages'>;
  /** Renews the person's claim of the page. */
  renew: (person: Person, page: Page) => Promise<unknown>;
  audit: Pick<AuditService, 'recordChange'>;
  now: () => Date;
}

/** How often a change of lines is repeated when other changes come first. */
const maxAttempts = 30;

export function createReviewService(dependencies: Dependencies) {
  const { projects, pages, reader, pageActions, images, assignments, renew, audit, now } = dependencies;

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

  async function assertChecked(page: Page, project: Project) {
    const { lines } = await reader.detail(page, 0, project);
    if (countWordsToCheck(lines, page) > 0) throw uncheckedWords();
  }

  async function changeOne(person: Person, projectId: string, pageId: string, changes: PageChanges) {
    const { number, rotation, straightened, assigneeId } = changes;
    const isEdit = [number, rotation, straightened, assigneeId].some((change) => change !== undefined);
    const project = await projects.open(person, projectId, isEdit ? 'edit' : 'review');
    const seen = await reader.find(projectId, pageId);
    if (assigneeId !== undefined) await assignments.assignPages(person, projectId, [pageId], assigneeId);
    if (changes.reviewed && changes.onlyIfChecked) await assertChecked(seen, project);
    const isAssignedOnly = Object.keys(changes).every((name) => ['assigneeId', 'revision'].includes(name));
    if (assigneeId !== undefined && isAssignedOnly)
      return { project, seen, page: await reader.find(projectId, pageId) };
    const page = await audit.recordChange(
      {
        ...aboutProject(person, project),
        pageId,
        fileName: seen.fileName,
        ...nameChanges(changes),
      },
      () => apply(person, seen, changes),
    );
    if (!page.reviewedAt) await renew(person, page);
    return { project, seen, page };
  }

  return {
    async change(
      person: Person,
      projectId: string,
      pageId: string,
      changes: PageChanges,
    ): Promise<PageDetail> {
      const { project, page } = await changeOne(person, projectId, pageId, changes);
      const number = (await pages.list(projectId)).findIndex((other) => other.id === pageId) + 1;
      return reader.detail(page, number, project);
    },

    /** For callers that know the page's position. `changed` lists the lines that differ from before. */
    async changeLines(person: Person, projectId: string, pageId: string, changes: PageChanges) {
      const { project, seen, page } = await changeOne(person, projectId, pageId, changes);
      const detail = await reader.detail(page, 0, project);
      /** Whether the person had claimed the page, which marking it as reviewed ends. */
      const wasClaimed = seen.reviewClaim?.id === person.id;
      return {
        project,
        page: detail.page,
        lines: detail.lines,
        changed: changedLines(seen, page),
        wasClaimed,
      };
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

/** A name for the step that its content determines. */
function nameOfLastStep(page: Page, person: Person): string | undefined {
  const step = lastStepOf(page.steps ?? [], person.id);
  return step && `${page.steps?.length} ${JSON.stringify(step)}`;
}
