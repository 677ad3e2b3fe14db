import { type Request, Router } from 'express';
import { isPaperliftError } from '../errors.ts';
import { personOf } from '../http/request.ts';
import type { SendBlob } from '../http/send-blob.ts';
import type { ProjectView } from '../site/projects.routes.ts';
import type { MultipartReceiver } from '../uploads/multipart.ts';
import type { UploadService } from '../uploads/upload.service.ts';
import { imageQuery } from './page.api.ts';
import type { PageService } from './page.service.ts';

interface Dependencies {
  pages: PageService;
  uploads: UploadService;
  multipart: MultipartReceiver;
  sendBlob: SendBlob;
  view: ProjectView;
}

type ProjectRequest = Request<{ projectId: string }>;
type PageRequest = Request<{ projectId: string; pageId: string }>;

export function pageRoutes({ pages, uploads, multipart, sendBlob, view }: Dependencies) {
  const router = Router();
  const item = '/projects/:projectId/pages/:pageId';
  const projectUrl = (request: ProjectRequest) => `/projects/${request.params.projectId}`;

  router.post('/projects/:projectId/pages', async (request: ProjectRequest, response) => {
    const destination = await uploads.reserve(personOf(request), request.params.projectId);
    try {
      const { stored, refusals } = await multipart.receive(request as Request, 'files', destination);
      if (stored.length > 0) await uploads.accept(destination, stored);
      if (refusals.length === 0) return response.redirect(303, projectUrl(request));
      await view.show(request, response, stored.length > 0 ? 200 : 400, { refusals });
    } catch (error) {
      const isAboutTheForm = isPaperliftError(error) && /^(no-file|form-|file-)/.test(error.code);
      if (!isAboutTheForm || response.headersSent) throw error;
      const message = [error.message, error.hint].filter(Boolean).join(' ');
      await view.show(request, response, 400, { refusals: [{ fileName: '', message }] });
    }
  });

  router.post(`${item}/retry`, async (request: PageRequest, response) => {
    const { projectId, pageId } = request.params;
    try {
      await pages.retry(personOf(request), projectId, pageId);
    } catch (error) {
      // pressed twice, or on a page that is out of date: the project's page shows how it stands
      if (!isPaperliftError(error, 'page-not-failed') && !isPaperliftError(error, 'retry-cannot-help'))
        throw error;
    }
    response.redirect(303, projectUrl(request));
  });

  router.post(`${item}/delete`, async (request: PageRequest, response) => {
    const { projectId, pageId } = request.params;
    try {
      await pages.remove(personOf(request), projectId, pageId);
    } catch (error) {
      if (!isPaperliftError(error, 'page-not-found')) throw error; // sent twice: it is gone, as was wanted
    }
    response.redirect(303, projectUrl(request));
  });

  for (const kind of ['image', 'thumbnail'] as const) {
    router.get(`${item}/${kind}`, async (request: PageRequest, response) => {
      const { projectId, pageId } = request.params;
      const { rotation } = imageQuery.strip().parse(request.query);
      const blob = await pages.openImage(personOf(request), projectId, pageId, { kind, rotation });
      await sendBlob(response, { blob, contentType: 'image/jpeg' });
    });
  }

  return router;
}
