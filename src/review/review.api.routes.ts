import { type Request, Router } from 'express';
import { personOf } from '../http/request.ts';
import { sendPage } from '../pages/page.api.routes.ts';
import { pageChanges, toPageChanges } from './review.api.ts';
import type { ReviewService } from './review.service.ts';

type PageRequest = Request<{ projectId: string; pageId: string }>;

export function reviewApiRoutes({ reviews }: { reviews: ReviewService }) {
  const router = Router();

  router.patch('/projects/:projectId/pages/:pageId', async (request: PageRequest, response) => {
    const { projectId, pageId } = request.params;
    const changes = toPageChanges(pageChanges.parse(request.body));
    await sendPage(response, await reviews.change(personOf(request), projectId, pageId, changes));
  });

  return router;
}
