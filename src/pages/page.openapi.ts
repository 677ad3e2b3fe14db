// Pages in the API's description.
import {
  answer,
  binary,
  body,
  elsewhere,
  imageRotation,
  imageStraightened,
  operation,
  pageId,
  projectId,
} from '../http/openapi.ts';
import { pageAnswer, pageListAnswer, retryBody } from './page.api.ts';

export const pageOpenApi = {
  schemas: { Page: pageAnswer, PageList: pageListAnswer },
  paths: {
    '/projects/{projectId}/pages': {
      parameters: [projectId],
      get: operation('listPages', 'List the pages in order, without their text', {
        200: answer('The pages', 'PageList'),
      }),
    },
    '/projects/{projectId}/pages/{pageId}': {
      parameters: [projectId, pageId],
      get: operation('getPage', 'Get a page with its lines and words', { 200: answer('The page', 'Page') }),
      delete: operation('deletePage', 'Delete a page. It can be restored for an hour.', {
        204: answer('Deleted'),
      }),
    },
    '/projects/{projectId}/pages/{pageId}/image': {
      parameters: [projectId, pageId],
      get: operation(
        'getPageImage',
        'Get the upright image, as the page is shown or as given',
        { 200: binary('The image', ['image/jpeg']), 302: elsewhere },
        { parameters: [imageRotation, imageStraightened] },
      ),
    },
    '/projects/{projectId}/pages/{pageId}/thumbnail': {
      parameters: [projectId, pageId],
      get: operation(
        'getPageThumbnail',
        'A small image',
        { 200: binary('The thumbnail', ['image/jpeg']) },
        { parameters: [imageRotation, imageStraightened] },
      ),
    },
    '/projects/{projectId}/pages/{pageId}/restore': {
      parameters: [projectId, pageId],
      post: operation(
        'restorePage',
        'Restore a deleted page to its position, with its text and corrections',
        {
          200: answer('The restored page', 'Page'),
        },
      ),
    },
    '/projects/{projectId}/pages/{pageId}/retry': {
      parameters: [projectId, pageId],
      post: operation(
        'retryPage',
        'Retry a failed page, or detect a ready page’s text again in other `languages` (BCP 47 tags; empty: those of the project), or take it from another `textSource`: `ocr` reads a page of a PDF as an image, `pdf-text` uses the PDF’s own text where it is real. Answers 409 `no-own-text` for a page without any, 409 `retry-cannot-help` when it would fail again, and `corrections-would-be-lost` unless `discardCorrections` is set',
        { 202: answer('The page is queued', 'Page') },
        { requestBody: { ...body(retryBody), required: false } },
      ),
    },
  },
};
