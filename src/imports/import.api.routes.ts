import { type Request, Router } from 'express';
import { personOf } from '../http/request.ts';
import { toImportAnswer } from './import.api.ts';
import type { ImportService } from './import.service.ts';

type ImportRequest = Request<{ projectId: string; importId: string }>;

export function importApiRoutes({ imports }: { imports: ImportService }) {
  const router = Router();
  const collection = '/projects/:projectId/imports';
  const item = `${collection}/:importId`;

  router.get(collection, async (request: ImportRequest, response) => {
    const items = await imports.list(personOf(request), request.params.projectId);
    response.json({ items: items.map(toImportAnswer) });
  });

  router.get(item, async (request: ImportRequest, response) => {
    const { projectId, importId } = request.params;
    response.json(toImportAnswer(await imports.read(personOf(request), projectId, importId)));
  });

  router.post(`${item}/retry`, async (request: ImportRequest, response) => {
    const { projectId, importId } = request.params;
    response.status(202).json(toImportAnswer(await imports.retry(personOf(request), projectId, importId)));
  });

  router.delete(item, async (request: ImportRequest, response) => {
    await imports.remove(personOf(request), request.params.projectId, request.params.importId);
    response.status(204).end();
  });

  return router;
}
