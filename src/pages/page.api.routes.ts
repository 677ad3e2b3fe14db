import { type Request, type Response, Router } from 'express';
import { readQuery } from '../http/query.ts';
import { personOf } from '../http/request.ts';
import type { SendBlob } from '../http/send-blob.ts';
import { takeTurns } from '../runtime/short-turns.ts';
import { imageQuery, retryBody, toPageAnswer, toPageSummaryAnswer } from './page.api.ts';
import type { PageService } from './page.service.ts';
import type { PageActions } from './page-actions.service.ts';
import type { PageDetail } from './page-reader.ts';

interface Dependencies {
  pages: PageService;
  pageActions: Pick<PageActions, 'remove' | 'restorePage' | 'retryPage'>;
  sendBlob: SendBlob;
}

type PageRequest = Request<{ projectId: string; pageId: string }>;

/** The answer's JSON, written line by line: a page with many words takes megabytes. */
export async function sendPage(response: Response, page: PageDetail) {
  const { lines, ...facts } = toPageAnswer(page);
  const takeTurn = takeTurns();
  const parts: string[] = [];
  for (const line of lines) {
    await takeTurn();
    parts.push(JSON.stringify(line));
  }
  const head = JSON.stringify(facts).slice(0, -1);
  response.type('json').send(`${head},"lines":[${parts.join(',')}]}`);
}

export function pageApiRoutes({ pages, pageActions, sendBlob }: Dependencies) {
  const router = Router();
  const collection = '/projects/:projectId/pages';
  const item = `${collection}/:pageId`;

  router.get(collection, async (request: PageRequest, response) => {
    const items = await pages.list(personOf(request), request.params.projectId);
    response.json({ items: items.map((page, index) => toPageSummaryAnswer(page, index + 1)) });
  });

  router.get(item, async (request: PageRequest, response) => {
    const { projectId, pageId } = request.params;
    await sendPage(response, await pages.read(personOf(request), projectId, pageId));
  });

  router.delete(item, async (request: PageRequest, response) => {
    await pageActions.remove(personOf(request), request.params.projectId, [request.params.pageId]);
    response.status(204).end();
  });

  router.post(`${item}/restore`, async (request: PageRequest, response) => {
    const { projectId, pageId } = request.params;
    const person = personOf(request);
    await pageActions.restorePage(person, projectId, pageId);
    await sendPage(response, await pages.readChanged(person, projectId, pageId));
  });

  for (const kind of ['image', 'thumbnail'] as const) {
    router.get(`${item}/${kind}`, async (request: PageRequest, response) => {
      const { projectId, pageId } = request.params;
      const as = readQuery(imageQuery, request.query);
      const blob = await pages.openImage(personOf(request), projectId, pageId, { kind, ...as });
      await sendBlob(response, { blob, contentType: 'image/jpeg' });
    });
  }

  router.post(`${item}/retry`, async (request: PageRequest, response) => {
    const { projectId, pageId } = request.params;
    const person = personOf(request);
    await pageActions.retryPage(person, projectId, pageId, retryBody.parse(request.body ?? {}));
    await sendPage(response.status(202), await pages.readChanged(person, projectId, pageId));
  });

  return router;
}
