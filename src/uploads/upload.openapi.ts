// Uploads in the API's description.
import { answer, body, files, operation, pageId, projectId, uploadId } from '../http/openapi.ts';
import { announcedUpload, presignedUploadAnswer, uploadAnswer } from './upload.api.ts';

export const uploadOpenApi = {
  schemas: { Upload: uploadAnswer, PresignedUpload: presignedUploadAnswer },
  paths: {
    '/projects/{projectId}/pages': {
      parameters: [projectId],
      post: operation(
        'uploadPages',
        'Upload images (JPEG, PNG, WebP, HEIC, AVIF), one page each, and documents (PDF, TIFF), which are split into pages',
        {
          201: answer(
            'At least one file was accepted. `items` are pages, `imports` are documents being split, and `refusals` lists the rejected files.',
            'Upload',
          ),
        },
        { requestBody: files },
      ),
    },
    '/projects/{projectId}/uploads': {
      parameters: [projectId],
      post: operation(
        'beginUpload',
        'Request a presigned URL to upload one file of exactly this type and size (bytes) to S3. With `pageId`, the file replaces the image of that page.',
        {
          201: answer(
            'The URL and the headers to send with the file, before the URL expires',
            'PresignedUpload',
          ),
        },
        { requestBody: body(announcedUpload) },
      ),
    },
    '/projects/{projectId}/uploads/{uploadId}/complete': {
      parameters: [projectId, uploadId],
      post: operation(
        'completeUpload',
        'Create a page or an import from the uploaded file. Repeating the request returns the same result.',
        {
          201: answer('The page or the import', 'Upload'),
        },
      ),
    },
    '/projects/{projectId}/pages/{pageId}/image': {
      parameters: [projectId, pageId],
      put: operation(
        'replacePageImage',
        'Replace the image of a page',
        { 200: answer('The page', 'Page') },
        { requestBody: files },
      ),
    },
  },
};
