// The queue "To review", and who works on which page of it: claims, and who has a page open.
import { type Request, Router } from 'express';
import * as z from 'zod';
import { personOf } from '../http/request.ts';
import { pageUrl } from '../pages/page.presenter.ts';
import type { Policies } from '../people/policies.ts';
import { readQueueCursor, writeQueueCursor } from './review-queue.api.ts';
import { nextInQueueUrl, presentReviewQueue, queueNotices } from './review-queue.presenter.ts';
import type { ReviewQueue } from './review-queue.service.ts';
import { presentTogether } from './together.presenter.ts';

interface Dependencies {
  reviewQueue: ReviewQueue;
  policies: Policies;
  now: () => Date;
}

type PageRequest = Request<{ projectId: string; pageId: string }>;

const rowsShown = 25;
const claimForm = z.object({ takeOver: z.literal('yes').optional() });
const queueQuery = z.object({
  cursor: z.string().max(300).optional().catch(undefined),
  notice: z.enum(['released', 'done', 'none-free']).optional().catch(undefined),
});

export function reviewQueueRoutes({ reviewQueue, policies, now }: Dependencies) {
  const router = Router();
  const item = '/projects/:projectId/pages/:pageId';

  router.get('/review', async (request, response) => {
    const person = personOf(request);
    const { cursor: given, notice } = queueQuery.parse(request.query);
    const after = given && readQueueCursor(given);
    const { items, cursor } = await reviewQueue.list(person, { after, limit: rowsShown });
    response.render(
      'review/queue',
      presentReviewQueue({
        items,
        ...(cursor ? { cursor: writeQueueCursor(cursor) } : {}),
        isFirst: !after,
        personId: person.id,
        now: now(),
        notice: notice && queueNotices[notice],
      }),
    );
  });

  router.post('/review/start', async (request, response) => {
    response.redirect(303, nextInQueueUrl(await reviewQueue.claimNext(personOf(request)), 'none-free'));
  });

  router.post(`${item}/claim`, async (request: PageRequest, response) => {
    const { projectId, pageId } = request.params;
    const { takeOver } = claimForm.parse(request.body ?? {});
    // one that is not free is shown all the same, with who reviews it
    await reviewQueue.claim(personOf(request), projectId, pageId, takeOver === 'yes');
    response.redirect(303, pageUrl({ id: projectId }, { id: pageId }));
  });

  router.post(`${item}/release`, async (request: PageRequest, response) => {
    const { projectId, pageId } = request.params;
    await reviewQueue.release(personOf(request), projectId, pageId);
    response.redirect(303, '/review?notice=released');
  });

  router.post(`${item}/presence`, async (request: PageRequest, response) => {
    const person = personOf(request);
    const { projectId, pageId } = request.params;
    const { project, page, others } = await reviewQueue.look(person, projectId, pageId);
    response.render('pages/together-now', {
      together: presentTogether({
        project,
        page,
        others,
        personId: person.id,
        mayChange: policies.mayInProject(person, 'review', project),
        mayEdit: false,
        now: now(),
      }),
    });
  });

  return router;
}
