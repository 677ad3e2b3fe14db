import express, { type Express, Router } from 'express';
import { requireApiSignIn } from '../auth/authenticate.ts';
import type { Services } from '../compose.ts';
import type { Config } from '../config/config.ts';
import { exportApiRoutes } from '../exports/export.api.routes.ts';
import { refuseForged } from '../http/csrf.ts';
import { checkIds } from '../http/ids.ts';
import { refuseQueries } from '../http/refuse-queries.ts';
import { refuseUnknownPath } from '../http/unknown-path.ts';
import { importApiRoutes } from '../imports/import.api.routes.ts';
import { pageApiRoutes } from '../pages/page.api.routes.ts';
import { projectApiRoutes } from '../projects/project.api.routes.ts';
import { sharingApiRoutes } from '../projects/sharing.api.routes.ts';
import { reviewApiRoutes } from '../review/review.api.routes.ts';
import { reviewQueueApiRoutes } from '../review/review-queue.api.routes.ts';
import { searchApiRoutes } from '../search/search.api.routes.ts';
import { uploadApiRoutes } from '../uploads/upload.api.routes.ts';
import { limitCostlyCalls } from './costly-calls.ts';
import type { Shared } from './shared.ts';

/** The API's description, without signing in. */
export function useApiDescription(app: Express, config: Config) {
  app.get('/api/v1/openapi.json', async (_request, response) => {
    const { openApiDocument } = await import('../openapi.ts');
    response.json(openApiDocument(config));
  });
}

/** The API: JSON in, JSON or problem+json out. */
export function useApi(app: Express, services: Services, { rateLimits, sendBlob, formUploads }: Shared) {
  const { projects, pages, pageActions, reviews, summaries, imports, exports, search } = services;
  const { presignedUploads, viewAllowance, sharing, assignments, reviewQueue } = services;
  const router = Router();
  router.use(requireApiSignIn, express.json({ limit: '1mb', strict: true }), refuseForged);
  router.use(
    refuseQueries({
      except:
        /^\/(?:search|review-queue|projects(?:\/[^/]+\/(?:exports|grantees|pages\/[^/]+\/(?:image|thumbnail)))?)\/?$/i,
    }),
  );
  router.use(limitCostlyCalls(rateLimits));
  router.put('/projects/:projectId/pages/:pageId/image', rateLimits.uploads);
  router.post('/projects/:projectId/uploads', rateLimits.uploads);
  router.patch('/projects/:projectId/pages/:pageId', rateLimits.changes);
  for (const routes of [
    projectApiRoutes({ projects, assign: assignments.assignProject, summarize: summaries.summarize }),
    sharingApiRoutes({ sharing }),
    pageApiRoutes({ pages, pageActions, sendBlob }),
    reviewApiRoutes({ reviews }),
    reviewQueueApiRoutes({ reviewQueue }),
    uploadApiRoutes({ formUploads, presignedUploads, pages, viewAllowance }),
    importApiRoutes({ imports }),
    exportApiRoutes({ exports, sendBlob }),
    searchApiRoutes({ search }),
  ]) {
    checkIds(routes);
    router.use(routes);
  }
  router.use(refuseUnknownPath());
  app.use('/api/v1', router);
}
