// Uploads in the API's description.
import { answer, body, files, operation, pageId, projectId, uploadId } from '../http/openapi.ts';
import { allowanceAnswer, announcedUpload, presignedUploadAnswer, uploadAnswer } from './upload.api.ts';

export const uploadOpenApi = {
  schemas: { Upload: uploadAnswer, PageAllowance: allowanceAnswer, PresignedUpload: presignedUploadAnswer },
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
    '/page-allowance': {
      get: operation(
        'getPageAllowance',
        'Get how many pages you can still add today (UTC). Images, pages of PDF and TIFF files, and replaced images count. Beyond the limit, uploads answer 429 with the code `page-limit-reached` and `Retry-After`. Without a limit, the answer is empty.',
        { 200: answer('What is left of today', 'PageAllowance') },
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
