import { type Request, Router } from 'express';
import * as z from 'zod';
import { personOf } from '../http/request.ts';
import type { SendBlob } from '../http/send-blob.ts';
import { ulid } from '../ids.ts';
import type { PageService } from '../pages/page.service.ts';
import type { Policies } from '../people/policies.ts';
import type { Language } from '../text/languages.ts';
import { exportBody } from './export.api.ts';
import { presentExports } from './export.presenter.ts';
import { type ExportService, exportFileName } from './export.service.ts';
import { exportFiles } from './export.ts';
import { describeRetention } from './export-retention.ts';
import { safeFileName } from './file-names.ts';
import { fingerprintOf } from './fingerprint.ts';

interface Dependencies {
  pages: PageService;
  exports: ExportService;
  policies: Policies;
  sendBlob: SendBlob;
  translateInto: readonly Language[];
  now: () => Date;
}

/** An invalid cursor starts at the newest, so that a truncated URL still works. */
const listQuery = z.object({
  before: ulid.optional().catch(undefined),
  deleted: z.literal('yes').optional().catch(undefined),
});

type PageRequest = Request<{ projectId: string; pageId: string }>;
type ExportRequest = Request<{ projectId: string; exportId: string }>;

export function exportRoutes({ pages, exports, policies, sendBlob, translateInto, now }: Dependencies) {
  const router = Router();

  router.post('/projects/:projectId/exports', async (request: ExportRequest, response) => {
    const { format, translateTo } = exportBody.parse({
      format: request.body?.format,
      translateTo: request.body?.translateTo || undefined,
    });
    await exports.request(personOf(request), request.params.projectId, format, { translateTo });
    const { projectId } = request.params;
    response.redirect(
      303,
      `/projects/${projectId}${request.body?.from === 'exports' ? '/exports' : '#exports'}`,
    );
  });

  router.get('/projects/:projectId/exports', async (request: ExportRequest, response) => {
    const person = personOf(request);
    const { projectId } = request.params;
    const { before: cursor, deleted } = listQuery.parse(request.query);
    const { project, pages: items, ...made } = await exports.view(person, projectId, { cursor });
    response.render('projects/exports', {
      project: { id: project.id, name: project.name, url: `/projects/${project.id}` },
      exports: presentExports({
        project,
        exports: made.items,
        fingerprint: fingerprintOf(project, items),
        mayExport: policies.mayInProject(person, 'edit', project),
        translateInto,
        now: now(),
      }),
      isEmpty: items.length === 0,
      isFirst: cursor === undefined,
      hasDeleted: deleted !== undefined,
      olderUrl: made.cursor && `/projects/${projectId}/exports?before=${made.cursor}`,
      retention: describeRetention(exports.retention),
    });
  });

  router.post('/projects/:projectId/exports/:exportId/delete', async (request: ExportRequest, response) => {
    const { projectId, exportId } = request.params;
    await exports.remove(personOf(request), projectId, exportId);
    response.redirect(303, `/projects/${projectId}/exports?deleted=yes`);
  });

  router.get('/projects/:projectId/pages/:pageId/text', async (request: PageRequest, response) => {
    const { projectId, pageId } = request.params;
    const { page, number, text } = await pages.read(personOf(request), projectId, pageId);
    response.attachment(`${safeFileName(`page ${number}`, page.id)}.txt`).type('text/plain; charset=utf-8');
    response.send(`${text}\n`);
  });

  router.get('/projects/:projectId/exports/:exportId/file', async (request: ExportRequest, response) => {
    const { projectId, exportId } = request.params;
    const { blob, item, project } = await exports.openFile(personOf(request), projectId, exportId);
    await sendBlob(response, {
      blob,
      contentType: exportFiles[item.format].contentType,
      fileName: exportFileName(project, item),
      isShown: request.query.open === 'yes' && exportFiles[item.format].isShown,
    });
  });

  return router;
}
