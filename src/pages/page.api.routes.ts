import { type Request, type Response, Router } from 'express';
import { readQuery } from '../http/query.ts';
import { personOf } from '../http/request.ts';
import type { SendBlob } from '../http/send-blob.ts';
import { takeTurns } from '../runtime/short-turns.ts';
import type { MultipartReceiver } from '../uploads/multipart.ts';
import { readNamedUpload } from '../uploads/named-upload.ts';
import { refusedUpload } from '../uploads/refused-upload.ts';
import type { UploadService } from '../uploads/upload.service.ts';
import {
  imageQuery,
  pageChanges,
  toPageAnswer,
  toPageChanges,
  toPageSummaryAnswer,
  toUploadAnswer,
} from './page.api.ts';
import type { PageDetail, PageService } from './page.service.ts';
import type { PageActions } from './page-actions.service.ts';

interface Dependencies {
  pages: PageService;
  pageActions: Pick<PageActions, 'restorePage'>;
  uploads: UploadService;
  multipart: MultipartReceiver;
  sendBlob: SendBlob;
}

type PageRequest = Request<{ projectId: string; pageId: string }>;

/** The answer's JSON, of which a page with many words has megabytes, written line by line. */
async function sendPage(response: Response, page: PageDetail) {
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

export function pageApiRoutes({ pages, pageActions, uploads, multipart, sendBlob }: Dependencies) {
  const router = Router();
  const collection = '/projects/:projectId/pages';
  const item = `${collection}/:pageId`;

  router.get(collection, async (request: PageRequest, response) => {
    const items = await pages.list(personOf(request), request.params.projectId);
    response.json({ items: items.map((page, index) => toPageSummaryAnswer(page, index + 1)) });
  });

  router.post(collection, async (request: PageRequest, response) => {
    const named = readNamedUpload(request as Request, new Date());
    const destination = await uploads.reserve(personOf(request), request.params.projectId, named);
    const most = named && 1;
    const { stored, refusals } = await multipart.receive(request as Request, 'files', destination, most);
    if (stored.length === 0) throw refusedUpload(refusals);
    const made = await uploads.accept(destination, stored);
    const all = await pages.list(personOf(request), request.params.projectId);
    response.status(201).json(toUploadAnswer(made, all, refusals));
  });

  router.get(item, async (request: PageRequest, response) => {
    const { projectId, pageId } = request.params;
    await sendPage(response, await pages.read(personOf(request), projectId, pageId));
  });

  router.patch(item, async (request: PageRequest, response) => {
    const { projectId, pageId } = request.params;
    const changes = toPageChanges(pageChanges.parse(request.body));
    await sendPage(response, await pages.change(personOf(request), projectId, pageId, changes));
  });

  router.delete(item, async (request: PageRequest, response) => {
    await pages.remove(personOf(request), request.params.projectId, request.params.pageId);
    response.status(204).end();
  });

  router.post(`${item}/restore`, async (request: PageRequest, response) => {
    const { projectId, pageId } = request.params;
    const person = personOf(request);
    await pageActions.restorePage(person, projectId, pageId);
    await sendPage(response, await pages.read(person, projectId, pageId));
  });

  router.put(`${item}/image`, async (request: PageRequest, response) => {
    const { projectId, pageId } = request.params;
    const person = personOf(request);
    await uploads.reserve(person, projectId);
    await pages.read(person, projectId, pageId);
    const destination = { projectId, person, pageId, replaces: true };
    const { stored, refusals } = await multipart.receive(request as Request, 'files', destination, 1);
    const [file] = stored;
    if (!file) throw refusedUpload(refusals);
    await uploads.replace(person, destination, file);
    await sendPage(response, await pages.read(person, projectId, pageId));
  });

  for (const kind of ['image', 'thumbnail'] as const) {
    router.get(`${item}/${kind}`, async (request: PageRequest, response) => {
      const { projectId, pageId } = request.params;
      const { rotation } = readQuery(imageQuery, request.query);
      const blob = await pages.openImage(personOf(request), projectId, pageId, { kind, rotation });
      await sendBlob(response, { blob, contentType: 'image/jpeg' });
    });
  }

  router.post(`${item}/retry`, async (request: PageRequest, response) => {
    const { projectId, pageId } = request.params;
    await sendPage(response.status(202), await pages.retry(personOf(request), projectId, pageId));
  });

  return router;
}
