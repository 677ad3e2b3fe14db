// The queue "To review" in the API's description.
import { answer, limit, operation } from '../http/openapi.ts';
import { reviewQueueAnswer } from './review-queue.api.ts';
import { maxPagesRead } from './review-queue.store.ts';

export const reviewQueueOpenApi = {
  schemas: { ReviewQueue: reviewQueueAnswer },
  paths: {
    '/review-queue': {
      get: operation(
        'listReviewQueue',
        'List the pages that wait for your review: ready, not reviewed, and assigned to you or to a team of yours, by themselves or with their project. Oldest first, a project’s pages in their order.',
        { 200: answer('One page of the queue. Pass `cursor` to get the next page.', 'ReviewQueue') },
        {
          parameters: [
            { name: 'cursor', in: 'query', schema: { type: 'string' } },
            { ...limit, schema: { ...limit.schema, maximum: maxPagesRead } },
          ],
        },
      ),
    },
  },
};
