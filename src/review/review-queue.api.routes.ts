import { Router } from 'express';
import { readQuery } from '../http/query.ts';
import { personOf } from '../http/request.ts';
import { reviewQueueQuery, toQueuedPageAnswer, writeQueueCursor } from './review-queue.api.ts';
import type { ReviewQueue } from './review-queue.service.ts';

export function reviewQueueApiRoutes({ reviewQueue }: { reviewQueue: Pick<ReviewQueue, 'list'> }) {
  const router = Router();

  router.get('/review-queue', async (request, response) => {
    const query = readQuery(reviewQueueQuery, request.query);
    const { items, cursor } = await reviewQueue.list(personOf(request), query);
    response.json({
      items: items.map(toQueuedPageAnswer),
      ...(cursor ? { cursor: writeQueueCursor(cursor) } : {}),
    });
  });

  return router;
}
