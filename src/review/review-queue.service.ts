// The queue "To review": pages that wait for a person or their teams, and who reviews which of them right now.
import type { AuditService } from '../audit/audit.service.ts';
import { notFound, readOnly } from '../errors.ts';
import type { PageStore } from '../pages/page.store.ts';
import type { PageSummary, ReviewClaim } from '../pages/page.ts';
import { reviewClaimMs } from '../pages/review-claims.store.ts';
import { type ReviewEntries, sortOf, waitingFor } from '../pages/review-entries.store.ts';
import type { Person } from '../people/person.ts';
import type { Policies } from '../people/policies.ts';
import { aboutProject } from '../projects/project.service.ts';
import type { Project } from '../projects/project.ts';
import type { PresenceStore } from './presence.store.ts';
import type { PageInProject, QueuedPage } from './queued-page.ts';
import type { ReviewQueueStore } from './review-queue.store.ts';

interface Dependencies {
  entries: Pick<ReviewEntries, 'list'>;
  store: ReviewQueueStore;
  pages: Pick<PageStore, 'claimReview' | 'renewReview' | 'releaseReview'>;
  presence: PresenceStore;
  policies: Policies;
  audit: Pick<AuditService, 'recordChange'>;
  now: () => Date;
}

export interface QueueQuery {
  /** Where the list before ended. */
  after?: string | undefined;
  limit: number;
}

/** A claim that has been renewed within this time is left as it is. */
const renewedWithinMs = 2 * 60_000;
const readAtOnce = 25;

export function createReviewQueue(dependencies: Dependencies) {
  const { entries, store, pages, presence, policies, audit, now } = dependencies;

  /** Whose pages a person reviews: their own, and those of their teams. */
  const assigneesOf = (person: Person) => [person.id, ...person.teams.map(({ id }) => id)];

  /** The claim that holds now. */
  function claimOf({ reviewClaim }: Pick<PageSummary, 'reviewClaim'>): ReviewClaim | undefined {
    return reviewClaim && reviewClaim.until > now().toISOString() ? reviewClaim : undefined;
  }

  /** An entry may be older than the project and the page, which alone say what waits for whom. */
  async function list(person: Person, { after, limit }: QueueQuery) {
    const assignees = assigneesOf(person);
    const { entries: found, isCut } = await entries.list(assignees, { after, limit });
    const read = await store.readPages(found);
    const items = read.flatMap(({ project, page, at }): QueuedPage[] => {
      const assignment = waitingFor(project, page);
      const isTheirs = assignment && assignees.includes(assignment.id);
      if (!isTheirs || !policies.mayInProject(person, 'review', project)) return [];
      const claim = claimOf(page);
      const number = found[at]?.number;
      const sort = sortOf(assignment, page);
      return [
        { project, page, assignment, sort, ...(number ? { number } : {}), ...(claim ? { claim } : {}) },
      ];
    });
    const last = isCut ? found.at(-1)?.sort : undefined;
    return { items, ...(last ? { cursor: last } : {}) };
  }

  async function* eachAfter(person: Person, from: string | undefined) {
    let after = from;
    do {
      const { items, cursor } = await list(person, { after, limit: readAtOnce });
      yield* items;
      after = cursor;
    } while (after);
  }

  async function claimFirst(person: Person, from: string | undefined, until?: string) {
    for await (const { page, claim, sort } of eachAfter(person, from)) {
      if (until && sort >= until) return undefined;
      if (claim && claim.id !== person.id) continue;
      const claimed = await pages.claimReview(address(page), person); // `undefined`: someone was faster
      if (claimed) return claimed;
    }
    return undefined;
  }

  /** The page, for anyone who may do this with it. Those who may not see it get the answer of one that does not exist. */
  async function open(
    person: Person,
    projectId: string,
    pageId: string,
    action: 'view' | 'review' = 'review',
  ): Promise<PageInProject> {
    const { project, page } = await store.readPage({ projectId, pageId });
    if (!project || !policies.mayInProject(person, 'view', project)) throw notFound('project');
    if (!policies.mayInProject(person, action, project)) throw readOnly();
    if (!page) throw notFound('page');
    return { project, page };
  }

  /** Renews a person's own claim, unless that was done a moment ago. */
  async function renew(person: Person, page: PageSummary): Promise<PageSummary> {
    const { reviewClaim: claim } = page;
    if (claim?.id !== person.id) return page;
    const left = Date.parse(claim.until) - now().getTime();
    if (left > reviewClaimMs - renewedWithinMs) return page;
    return (await pages.renewReview(address(page), person)) ?? page;
  }

  return {
    list,
    claimOf,
    renew,

    /**
     * Claims the next free page of the queue, oldest first; after a page, the next after it. `undefined`: none is free. Two
     * people who ask at once get different pages.
     */
    async claimNext(person: Person, after?: { project: Project; page: PageSummary }) {
      const assignment = after && waitingFor(after.project, { ...after.page, reviewedAt: undefined });
      const from = assignment && sortOf(assignment, after.page);
      return (await claimFirst(person, from)) ?? (from ? claimFirst(person, undefined, from) : undefined);
    },

    /** Claims a page, or with `takeOver` takes it from whoever has it, which is recorded. `false`: it is not free. */
    async claim(person: Person, projectId: string, pageId: string, takeOver = false): Promise<boolean> {
      const { project, page } = await open(person, projectId, pageId);
      const claim = claimOf(page);
      const isTaken = takeOver && claim !== undefined && claim.id !== person.id;
      if (!isTaken) return (await pages.claimReview(address(page), person)) !== undefined;
      const { id, fileName } = page;
      const about = { ...aboutProject(person, project), pageId: id, fileName, personId: claim.id };
      return audit.recordChange(
        { ...about, action: 'page.taken-over', detail: `from ${claim.name}` },
        async () => (await pages.claimReview(address(page), person, true)) !== undefined,
      );
    },

    /** Gives a claimed page back to the queue. */
    async release(person: Person, projectId: string, pageId: string) {
      const { page } = await open(person, projectId, pageId);
      await pages.releaseReview(address(page), person);
    },

    /** Notes that the person has the page open. Who else has, and who reviews it. */
    async look(person: Person, projectId: string, pageId: string) {
      const { project, page: seen } = await open(person, projectId, pageId, 'view');
      const [page, others] = await Promise.all([
        renew(person, seen),
        presence.see(projectId, pageId, person),
      ]);
      return { project, page, others };
    },
  };
}

export type ReviewQueue = ReturnType<typeof createReviewQueue>;

const address = ({ projectId, id }: PageSummary) => ({ projectId, id });
