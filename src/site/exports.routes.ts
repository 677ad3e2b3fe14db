import { type Request, Router } from 'express';
import { exportBody } from '../exports/export.api.ts';
import { type ExportService, exportFileName } from '../exports/export.service.ts';
import { exportFiles } from '../exports/export.ts';
import { personOf } from '../http/request.ts';
import type { SendBlob } from '../http/send-blob.ts';

type ExportRequest = Request<{ projectId: string; exportId: string }>;

export function exportRoutes({ exports, sendBlob }: { exports: ExportService; sendBlob: SendBlob }) {
  const router = Router();

  router.post('/projects/:projectId/exports', async (request: ExportRequest, response) => {
    const { format } = exportBody.parse({ format: request.body?.format });
    await exports.request(personOf(request), request.params.projectId, format);
    response.redirect(303, `/projects/${request.params.projectId}#exports`);
  });

  router.get('/projects/:projectId/exports/:exportId/file', async (request: ExportRequest, response) => {
    const { projectId, exportId } = request.params;
    const { blob, item, project } = await exports.openFile(personOf(request), projectId, exportId);
    await sendBlob(response, {
      blob,
      contentType: exportFiles[item.format].contentType,
      fileName: exportFileName(project, item),
    });
  });

  return router;
}
