import { type Request, Router } from 'express';
import { readQuery } from '../http/query.ts';
import { personOf } from '../http/request.ts';
import type { SendBlob } from '../http/send-blob.ts';
import { exportBody, exportListQuery, toExportAnswer } from './export.api.ts';
import { type ExportService, exportFileName } from './export.service.ts';
import { exportFiles } from './export.ts';

type ExportRequest = Request<{ projectId: string; exportId: string }>;

export function exportApiRoutes({ exports, sendBlob }: { exports: ExportService; sendBlob: SendBlob }) {
  const router = Router();
  const collection = '/projects/:projectId/exports';
  const item = `${collection}/:exportId`;

  router.post(collection, async (request: ExportRequest, response) => {
    const { format, translateTo } = exportBody.parse(request.body);
    const { projectId } = request.params;
    const made = await exports.request(personOf(request), projectId, format, { translateTo });
    response
      .status(202)
      .location(`/api/v1/projects/${projectId}/exports/${made.id}`)
      .json(toExportAnswer(made));
  });

  router.get(collection, async (request: ExportRequest, response) => {
    const query = readQuery(exportListQuery, request.query);
    const { items, ...rest } = await exports.list(personOf(request), request.params.projectId, query);
    response.json({ items: items.map(toExportAnswer), ...rest });
  });

  router.get(item, async (request: ExportRequest, response) => {
    const { projectId, exportId } = request.params;
    response.json(toExportAnswer(await exports.read(personOf(request), projectId, exportId)));
  });

  router.delete(item, async (request: ExportRequest, response) => {
    const { projectId, exportId } = request.params;
    await exports.remove(personOf(request), projectId, exportId);
    response.status(204).end();
  });

  router.get(`${item}/file`, async (request: ExportRequest, response) => {
    const { projectId, exportId } = request.params;
    const { blob, item: made, project } = await exports.openFile(personOf(request), projectId, exportId);
    await sendBlob(response, {
      blob,
      contentType: exportFiles[made.format].contentType,
      fileName: exportFileName(project, made),
    });
  });

  return router;
}
