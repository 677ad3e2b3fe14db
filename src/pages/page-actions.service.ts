// Actions on pages, one or many at once: move, rotate, straighten, delete, restore, retry.
import type { AuditService } from '../audit/audit.service.ts';
import type { BlobStore } from '../aws/blob-store.ts';
import { notFound } from '../errors.ts';
import type { Person } from '../people/person.ts';
import type { ProjectService } from '../projects/project.service.ts';
import type { ReviewStep } from '../text/page-text.ts';
import { withTurn } from '../text/review-steps.ts';
import { normalizeRotation, type Rotation } from '../text/rotated-polygons.ts';
import { actOnEach } from './act-on-each.ts';
import { createPageChoice } from './chosen-pages.ts';
import { changedSince, noTilt } from './page.errors.ts';
import type { EnqueuePage } from './page.queue.ts';
import type { PageStore } from './page.store.ts';
import type { Page, PageSummary } from './page.ts';
import type { PageAllowance } from './page-allowance.store.ts';
import { createPageDeletions } from './page-deletions.service.ts';
import type { PageImages } from './page-images.ts';
import { createPageRetries } from './page-retries.service.ts';

interface Dependencies {
  projects: ProjectService;
  pages: PageStore;
  /** Deletes an import when its last page is gone. */
  forgetEmptyImport: (projectId: string, importId: string) => Promise<void>;
  findPdf: Parameters<typeof createPageRetries>[0]['findPdf'];
  audit: Pick<AuditService, 'record' | 'recordChange'>;
  blobs: Pick<BlobStore, 'removeBelow'>;
  images: Pick<PageImages, 'removeUnused'>;
  allowance: Pick<PageAllowance, 'take' | 'giveBack'>;
  enqueue: EnqueuePage;
  now: () => Date;
}

/** How often a rotation is repeated when other changes come first. */
const maxAttempts = 30;

export function createPageActions({
  projects,
  pages,
  forgetEmptyImport,
  findPdf,
  audit,
  blobs,
  images,
  allowance,
  enqueue,
  now,
}: Dependencies) {
  const choice = createPageChoice({ projects, pages, audit });
  const { choose, recordChange } = choice;

  /**
   * Moves pages so that the first gets position `number` among the others. Uses the gap between its neighbours; when
   * that is too small, all pages get new positions, including deleted ones, so that these return to their places.
   */
  async function place(moved: PageSummary[], number: number) {
    const projectId = moved[0]?.projectId as string;
    const isMoved = new Set(moved.map(({ id }) => id));
    const everything = await pages.listEvenDeleted(projectId);
    const rest = everything.filter((page) => !isMoved.has(page.id));
    const others = rest.filter((page) => !('deletedAt' in page));
    const index = Math.min(number, others.length + 1) - 1;
    const next = others[index];
    const last = others[index - 1];
    const before = last?.position ?? (next?.position ?? 0) - (moved.length + 1) * 1_000_000;
    const after = next?.position ?? before + (moved.length + 1) * 1_000_000;
    const step = Math.floor((after - before) / (moved.length + 1));
    if (step >= 1) {
      await actOnEach(moved, async (page, at) =>
        orConflict(await pages.move(page, before + step * (at + 1))),
      );
      return;
    }
    const cut = next ? rest.indexOf(next) : last ? rest.indexOf(last) + 1 : 0;
    const spread = [...rest.slice(0, cut), ...moved, ...rest.slice(cut)];
    await actOnEach(spread, async (page, at) => {
      const position = (at + 1) * 1_000_000;
      const placed = page.position === position ? page : await pages.move(page, position);
      if (isMoved.has(page.id) && !placed) throw changedSince();
    });
  }

  /**
   * Rotates or straightens a page, in any state. Its image, text and corrections are rotated when read. `step` says what
   * is undone; without one, nothing changes.
   */
  async function show(
    person: Person,
    seen: PageSummary,
    stepOf: (page: Page) => Pick<ReviewStep, 'rotation' | 'straightened'> | undefined,
  ): Promise<Page> {
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const page = await pages.findWithText(seen.projectId, seen.id);
      if (!page) throw notFound('page');
      if (page.revision !== seen.revision) throw changedSince();
      const step = stepOf(page);
      if (!step) return page; // also after a write whose answer was lost
      const shown = {
        rotation: step.rotation?.after ?? page.rotation,
        straightened: step.straightened?.after ?? page.straightened ?? 0,
      };
      const turned = await pages.show(page, shown, withTurn(page.steps ?? [], person.id, step));
      if (!turned) continue; // another change came first
      await images.removeUnused(turned, page);
      return turned;
    }
    throw changedSince();
  }

  const turn = (person: Person, seen: PageSummary, rotation: Rotation) =>
    show(person, seen, (page) =>
      page.rotation === rotation ? undefined : { rotation: { before: page.rotation, after: rotation } },
    );

  /** Takes the tilt of a page's text out, or undoes that. Throws `no-tilt` when none was found. */
  const straighten = (person: Person, seen: PageSummary, isWanted: boolean) =>
    show(person, seen, (page) => {
      const before = page.straightened ?? 0;
      if ((before !== 0) === isWanted) return undefined;
      if (isWanted && page.tilt === undefined) throw noTilt();
      return { straightened: { before, after: isWanted ? (page.tilt ?? 0) : 0 } };
    });

  return {
    place,
    turn,
    straighten,

    /** Straightens pages, or undoes that. Skips those without a tilt. Returns how many were changed. */
    async straightenAll(person: Person, projectId: string, pageIds: string[], isWanted: boolean) {
      const choice = await choose(person, projectId, pageIds);
      const chosen = choice.chosen.filter(({ tilt, straightened }) =>
        isWanted ? tilt !== undefined && straightened === undefined : straightened !== undefined,
      );
      if (chosen.length === 0) return 0;
      const said = { action: 'page.rotated', detail: describeStraightening(isWanted) } as const;
      await recordChange(person, { ...choice, chosen }, said, () =>
        actOnEach(chosen, (page) => straighten(person, page, isWanted)),
      );
      return chosen.length;
    },

    async move(person: Person, projectId: string, pageIds: string[], number: number) {
      const choice = await choose(person, projectId, pageIds);
      const said = { action: 'page.changed', detail: `moved to ${number}` } as const;
      await recordChange(person, choice, said, () => place(choice.chosen, number));
    },

    /** Rotates each page by 90 degrees. */
    async rotate(person: Person, projectId: string, pageIds: string[], direction: 'left' | 'right') {
      const choice = await choose(person, projectId, pageIds);
      const degrees = direction === 'left' ? -90 : 90;
      await recordChange(
        person,
        choice,
        { action: 'page.rotated', detail: `by 90° to the ${direction}` },
        () =>
          actOnEach(choice.chosen, (page) => turn(person, page, normalizeRotation(page.rotation + degrees))),
      );
    },

    /** Turns pages back that Paperlift turned by their text. Skips all others. Returns how many were turned. */
    async undoTurns(person: Person, projectId: string, pageIds: string[]): Promise<number> {
      const choice = await choose(person, projectId, pageIds);
      const chosen = choice.chosen.filter(({ turnedFrom }) => turnedFrom !== undefined);
      if (chosen.length === 0) return 0;
      const said = { action: 'page.rotated', detail: 'back, as before Paperlift turned it' } as const;
      await recordChange(person, { ...choice, chosen }, said, () =>
        actOnEach(chosen, (page) => turn(person, page, normalizeRotation(page.turnedFrom ?? page.rotation))),
      );
      return chosen.length;
    },

    ...createPageRetries({ projects, pages, choice, allowance, findPdf, enqueue }),

    ...createPageDeletions({ projects, pages, choice, forgetEmptyImport, audit, blobs, enqueue, now }),
  };
}

export type PageActions = ReturnType<typeof createPageActions>;

/** For the audit trail. */
export const describeStraightening = (isWanted: boolean) =>
  isWanted ? 'straightened' : 'straightening undone';

function orConflict<T>(page: T | undefined): T {
  if (!page) throw changedSince();
  return page;
}
