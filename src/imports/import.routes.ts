import { type Request, Router } from 'express';
import { isPaperliftError } from '../errors.ts';
import { personOf } from '../http/request.ts';
import type { ImportService } from './import.service.ts';

type ImportRequest = Request<{ projectId: string; importId: string }>;

export function importRoutes({ imports }: { imports: ImportService }) {
  const router = Router();
  const item = '/projects/:projectId/imports/:importId';
  const projectUrl = (request: ImportRequest) => `/projects/${request.params.projectId}`;

  router.post(`${item}/retry`, async (request: ImportRequest, response) => {
    const { projectId, importId } = request.params;
    try {
      await imports.retry(personOf(request), projectId, importId);
    } catch (error) {
      // submitted twice, or from an outdated page: the project's page shows the current state
      if (!isPaperliftError(error, 'import-not-failed') && !isPaperliftError(error, 'retry-cannot-help'))
        throw error;
    }
    response.redirect(303, projectUrl(request));
  });

  router.post(`${item}/remove`, async (request: ImportRequest, response) => {
    const { projectId, importId } = request.params;
    try {
      await imports.remove(personOf(request), projectId, importId);
    } catch (error) {
      // submitted twice and already deleted; or complete in the meantime, with its pages in the project
      if (!isPaperliftError(error, 'import-not-found') && !isPaperliftError(error, 'import-done'))
        throw error;
    }
    response.redirect(303, projectUrl(request));
  });

  return router;
}
