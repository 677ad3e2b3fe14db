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
      // pressed twice, or on a page that is out of date: the project's page shows how it stands
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
      // sent twice: it is gone, as was wanted; or it was over first, and its pages are there to be seen
      if (!isPaperliftError(error, 'import-not-found') && !isPaperliftError(error, 'import-done'))
        throw error;
    }
    response.redirect(303, projectUrl(request));
  });

  return router;
}
