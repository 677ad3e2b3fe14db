import { Router } from 'express';
import type { RateLimiters } from '../http/rate-limit.ts';

/** Rate limits that pages and API share. Applied before anything is looked up or read. */
export function limitCostlyCalls({ searches, uploads, detections, exports }: RateLimiters): Router {
  const router = Router();
  router.get('/search', searches);
  router.post('/projects/:projectId/pages', uploads);
  router.post('/projects/:projectId/pages/:pageId/retry', detections);
  router.post('/projects/:projectId/imports/:importId/retry', detections);
  router.post('/projects/:projectId/exports', exports);
  return router;
}
