import { type Request, Router } from 'express';
import * as z from 'zod';
import { isPaperliftError } from '../errors.ts';
import { personOf } from '../http/request.ts';
import type { SendBlob } from '../http/send-blob.ts';
import { imageQuery } from './page.api.ts';
import type { PageService } from './page.service.ts';
import { textSources } from './page.ts';
import type { PageActions } from './page-actions.service.ts';

interface Dependencies {
  pages: PageService;
  pageActions: Pick<PageActions, 'remove' | 'retryPage'>;
  sendBlob: SendBlob;
}

const retryForm = z.object({
  textSource: z.enum(textSources).optional(),
  discardCorrections: z.literal('yes').optional(),
});

type PageRequest = Request<{ projectId: string; pageId: string }>;

export function pageRoutes({ pages, pageActions, sendBlob }: Dependencies) {
  const router = Router();
  const item = '/projects/:projectId/pages/:pageId';
  const projectUrl = (request: PageRequest) => `/projects/${request.params.projectId}`;

  router.post(`${item}/retry`, async (request: PageRequest, response) => {
    const { projectId, pageId } = request.params;
    const { textSource, discardCorrections } = retryForm.parse(request.body ?? {});
    try {
      await pageActions.retryPage(personOf(request), projectId, pageId, {
        ...(textSource ? { textSource } : {}),
        discardCorrections: discardCorrections === 'yes',
      });
    } catch (error) {
      // submitted twice, or from an outdated page: the project's page shows the current state
      if (!isPaperliftError(error, 'page-not-failed') && !isPaperliftError(error, 'retry-cannot-help'))
        throw error;
    }
    response.redirect(303, textSource ? `${projectUrl(request)}/pages/${pageId}` : projectUrl(request));
  });

  router.post(`${item}/delete`, async (request: PageRequest, response) => {
    const { projectId, pageId } = request.params;
    try {
      await pageActions.remove(personOf(request), projectId, [pageId]);
    } catch (error) {
      if (!isPaperliftError(error, 'page-not-found')) throw error; // sent twice: it is gone, as was wanted
    }
    response.redirect(303, projectUrl(request));
  });

  for (const kind of ['image', 'thumbnail'] as const) {
    router.get(`${item}/${kind}`, async (request: PageRequest, response) => {
      const { projectId, pageId } = request.params;
      const { rotation, straightened } = imageQuery.strip().parse(request.query);
      // the site's own addresses name all of it
      const as = rotation === undefined ? {} : { rotation, straightened: straightened ?? false };
      const blob = await pages.openImage(personOf(request), projectId, pageId, { kind, ...as });
      await sendBlob(response, { blob, contentType: 'image/jpeg' });
    });
  }

  return router;
}
