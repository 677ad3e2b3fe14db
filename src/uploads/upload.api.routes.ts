import { type Request, Router } from 'express';
import { personOf } from '../http/request.ts';
import { toAllowanceAnswer } from '../pages/allowance.api.ts';
import type { ViewAllowance } from '../pages/allowance.ts';
import { sendPage } from '../pages/page.api.routes.ts';
import type { PageService } from '../pages/page.service.ts';
import type { FormUploads } from './form-uploads.ts';
import type { PresignedUploadService } from './presigned-upload.service.ts';
import { announcedUpload, toPresignedUploadAnswer, toUploadAnswer } from './upload.api.ts';

interface Dependencies {
  formUploads: FormUploads;
  presignedUploads: PresignedUploadService;
  pages: PageService;
  viewAllowance: ViewAllowance;
}

type ProjectRequest = Request<{ projectId: string }>;
type PageRequest = Request<{ projectId: string; pageId: string }>;
type UploadRequest = Request<{ projectId: string; uploadId: string }>;

export function uploadApiRoutes({ formUploads, presignedUploads, pages, viewAllowance }: Dependencies) {
  const router = Router();
  const project = '/projects/:projectId';

  router.get('/page-allowance', async (request, response) => {
    response.json(toAllowanceAnswer(await viewAllowance(personOf(request).id)));
  });

  router.post(`${project}/pages`, async (request: ProjectRequest, response) => {
    const { projectId } = request.params;
    const person = personOf(request);
    const { made, refusals } = await formUploads.addPagesOrRefuse(request as Request, person, projectId);
    response.status(201).json(toUploadAnswer(made, await pages.list(person, projectId), refusals));
  });

  router.put(`${project}/pages/:pageId/image`, async (request: PageRequest, response) => {
    const { projectId, pageId } = request.params;
    const person = personOf(request);
    await formUploads.replaceImage(request as Request, person, projectId, pageId);
    await sendPage(response, await pages.readChanged(person, projectId, pageId));
  });

  router.post(`${project}/uploads`, async (request: ProjectRequest, response) => {
    const { size: sizeBytes, ...file } = announcedUpload.parse(request.body);
    const { projectId } = request.params;
    const begun = await presignedUploads.begin(personOf(request), projectId, { ...file, sizeBytes });
    response.status(201).json(toPresignedUploadAnswer(begun));
  });

  router.post(`${project}/uploads/:uploadId/complete`, async (request: UploadRequest, response) => {
    const { projectId, uploadId } = request.params;
    const person = personOf(request);
    const made = await presignedUploads.complete(person, projectId, uploadId);
    response.status(201).json(toUploadAnswer(made, await pages.list(person, projectId)));
  });

  return router;
}
