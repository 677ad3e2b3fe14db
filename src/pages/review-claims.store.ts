// Who is to review a page, and who reviews it right now. A claim expires by its time, which is checked on each read; it is
// no lease of a worker, and stops no one from correcting the page.
import type { createLeasedStore } from '../jobs/leased-store.ts';
import type { Assignment } from '../projects/project.ts';
import type { Page } from './page.ts';

interface Dependencies {
  items: Pick<ReturnType<typeof createLeasedStore<Page>>, 'updateIf'>;
  now: () => Date;
}

type Address = Pick<Page, 'projectId' | 'id'>;

interface Reviewer {
  id: string;
  name: string;
}

export const reviewClaimMs = 10 * 60_000;

const stillThere = 'attribute_exists(pk) AND attribute_not_exists(deletedAt)';
const isOwn = 'reviewClaim.#id = :person';
const isFree = `attribute_not_exists(reviewClaim) OR reviewClaim.#until < :now OR ${isOwn}`;

export function createReviewClaims({ items, now }: Dependencies) {
  const until = () => new Date(now().getTime() + reviewClaimMs).toISOString();

  return {
    /** `undefined`: the page is gone. With `was`, only while it is assigned to them. */
    assign: (page: Address, assignment: Assignment | undefined, was?: string): Promise<Page | undefined> =>
      items.updateIf(
        page,
        was === undefined ? stillThere : `attribute_exists(pk) AND assignment.id = :was`,
        assignment
          ? {
              UpdateExpression: 'SET assignment = :assignment',
              ExpressionAttributeValues: { ':assignment': assignment },
            }
          : {
              UpdateExpression: 'REMOVE assignment',
              ...(was === undefined ? {} : { ExpressionAttributeValues: { ':was': was } }),
            },
      ),

    /**
     * Claims a page that waits for its review: no one has, or it has expired, or it is one's own; with `takeOver`, whoever
     * has. `undefined`: it is claimed by someone else, or does not wait any more.
     */
    claimReview: (page: Address, { id, name }: Reviewer, takeOver = false): Promise<Page | undefined> =>
      items.updateIf(
        page,
        `${stillThere} AND #status = :ready AND attribute_not_exists(reviewedAt)${takeOver ? '' : ` AND (${isFree})`}`,
        {
          UpdateExpression: 'SET reviewClaim = :claim',
          ExpressionAttributeNames: {
            '#status': 'status',
            ...(takeOver ? {} : { '#id': 'id', '#until': 'until' }),
          },
          ExpressionAttributeValues: {
            ':ready': 'ready',
            ':claim': { id, name, until: until() },
            ...(takeOver ? {} : { ':person': id, ':now': now().toISOString() }),
          },
        },
      ),

    /** Also of one that has expired, as long as no one else has claimed the page. */
    renewReview: (page: Address, { id }: Pick<Reviewer, 'id'>): Promise<Page | undefined> =>
      items.updateIf(page, isOwn, {
        UpdateExpression: 'SET reviewClaim.#until = :until',
        ExpressionAttributeNames: { '#id': 'id', '#until': 'until' },
        ExpressionAttributeValues: { ':person': id, ':until': until() },
      }),

    releaseReview: (page: Address, { id }: Pick<Reviewer, 'id'>): Promise<Page | undefined> =>
      items.updateIf(page, isOwn, {
        UpdateExpression: 'REMOVE reviewClaim',
        ExpressionAttributeNames: { '#id': 'id' },
        ExpressionAttributeValues: { ':person': id },
      }),
  };
}
