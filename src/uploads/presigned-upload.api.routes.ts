import { type Request, Router } from 'express';
import { personOf } from '../http/request.ts';
import { announcedUpload, presignedUploadAnswer, toUploadAnswer } from '../pages/page.api.ts';
import type { PageService } from '../pages/page.service.ts';
import type { PresignedUploadService } from './presigned-upload.service.ts';

interface Dependencies {
  presignedUploads: PresignedUploadService;
  pages: PageService;
}

type UploadRequest = Request<{ projectId: string; uploadId: string }>;

export function presignedUploadApiRoutes({ presignedUploads, pages }: Dependencies) {
  const router = Router();
  const collection = '/projects/:projectId/uploads';

  router.post(collection, async (request: UploadRequest, response) => {
    const { size, ...file } = announcedUpload.parse(request.body);
    const { projectId } = request.params;
    const announced = { ...file, sizeBytes: size };
    const { upload, put } = await presignedUploads.begin(personOf(request), projectId, announced);
    const { expiresInSeconds, ...call } = put;
    const expiresAt = new Date(Date.parse(upload.createdAt) + expiresInSeconds * 1000).toISOString();
    response.status(201).json(presignedUploadAnswer.parse({ id: upload.id, ...call, expiresAt }));
  });

  router.post(`${collection}/:uploadId/complete`, async (request: UploadRequest, response) => {
    const { projectId, uploadId } = request.params;
    const made = await presignedUploads.complete(personOf(request), projectId, uploadId);
    response.status(201).json(toUploadAnswer(made, await pages.list(personOf(request), projectId)));
  });

  return router;
}
