// The pages on which administrators create webhooks and see what was delivered.
import { type Request, type Response, Router } from 'express';
import * as z from 'zod';
import { PaperliftError } from '../errors.ts';
import { personOf } from '../http/request.ts';
import { formatTime } from '../http/times.ts';
import { ulid } from '../ids.ts';
import { type EventType, eventTypes } from './event.ts';
import type { WebhookService } from './webhook.service.ts';
import type { Webhook } from './webhook.ts';

interface Dependencies {
  webhooks: WebhookService;
  /** Whether receivers may be reached by plain http. */
  allowHttp: boolean;
  now: () => Date;
}

type WebhookRequest = Request<{ webhookId: string }>;

const types = z
  .union([z.enum(eventTypes).array(), z.enum(eventTypes).transform((type): EventType[] => [type])])
  .default([]);
const viewQuery = z.object({
  before: ulid.optional().catch(undefined),
  sent: z.enum(['yes', 'no']).optional().catch(undefined),
});
const againForm = z.object({ projectId: ulid, number: z.coerce.number().int().positive() });

const explanations: Record<EventType, string> = {
  'project.created': 'A project is new',
  'project.renamed': 'A project has another name',
  'project.ready': 'All pages of a project are processed',
  'project.deleted': 'A project was deleted',
  'page.ready': 'The text of a page was detected',
  'page.failed': 'A page couldn’t be read',
  'page.reviewed': 'Someone marked a page as reviewed',
  'page.deleted': 'A page was deleted',
  'export.ready': 'An export can be downloaded',
  'export.failed': 'An export couldn’t be created',
};

export function webhookRoutes({ webhooks, allowHttp, now }: Dependencies) {
  const router = Router();
  const url = z
    .url({ protocol: allowHttp ? /^https?$/ : /^https$/, error: 'Enter a URL that starts with https://.' })
    .max(2000)
    .refine(
      (text) => !URL.canParse(text) || new URL(text).username + new URL(text).password === '',
      'Leave user name and password out of the URL.',
    );
  const createForm = z.object({ url, types });

  router.param('webhookId', (_request, _response, next, value) =>
    next(ulid.safeParse(value).success ? undefined : gone()),
  );

  async function showList(
    request: Request,
    response: Response,
    shown: { created?: Webhook; url?: string; error?: string } = {},
  ) {
    const list = await webhooks.list(personOf(request));
    response.status(shown.error ? 400 : 200).render('admin/webhooks', {
      webhooks: list.map((webhook) => ({
        id: webhook.id,
        url: webhook.url,
        events: webhook.types.join(', ') || 'all events',
        isPaused: Boolean(webhook.pausedAt),
        created: formatTime(webhook.createdAt, now()),
        createdBy: webhook.createdBy,
      })),
      types: eventTypes.map((value) => ({ value, explanation: explanations[value] })),
      created: shown.created && { url: shown.created.url, secret: shown.created.secret },
      url: shown.url ?? '',
      error: shown.error ?? '',
    });
  }

  router.get('/admin/webhooks', (request, response) => showList(request, response));

  router.post('/admin/webhooks', async (request, response) => {
    const form = createForm.safeParse(request.body ?? {});
    if (!form.success) {
      const typed: unknown = request.body?.url;
      return showList(request, response, {
        url: typeof typed === 'string' ? typed.slice(0, 2000) : '',
        error: form.error.issues[0]?.message ?? 'Enter a URL.',
      });
    }
    await showList(request, response, { created: await webhooks.create(personOf(request), form.data) });
  });

  router.get('/admin/webhooks/:webhookId', async (request: WebhookRequest, response) => {
    const { before, sent } = viewQuery.parse(request.query);
    const { webhook, items, isMore } = await webhooks.view(
      personOf(request),
      request.params.webhookId,
      before,
    );
    response.render('admin/webhook', {
      url: webhook.url,
      own: `/admin/webhooks/${webhook.id}`,
      isPaused: Boolean(webhook.pausedAt),
      sent: sent ?? '',
      attempts: items.map((attempt) => ({
        ...attempt,
        status: attempt.status ?? '',
        error: attempt.error ?? '',
        isDelivered: attempt.status !== undefined && attempt.status >= 200 && attempt.status < 300,
        when: formatTime(attempt.at, now()),
        projectUrl: `/projects/${attempt.projectId}`,
      })),
      moreUrl: isMore ? `/admin/webhooks/${webhook.id}?before=${items.at(-1)?.id}` : '',
    });
  });

  router.post('/admin/webhooks/:webhookId/send-again', async (request: WebhookRequest, response) => {
    const { webhookId } = request.params;
    const isSent = await webhooks.sendAgain(
      personOf(request),
      webhookId,
      againForm.parse(request.body ?? {}),
    );
    response.redirect(303, `/admin/webhooks/${webhookId}?sent=${isSent ? 'yes' : 'no'}`);
  });

  router.post('/admin/webhooks/:webhookId/test', async (request: WebhookRequest, response) => {
    const { webhookId } = request.params;
    const { status = 0 } = await webhooks.test(personOf(request), webhookId);
    response.redirect(
      303,
      `/admin/webhooks/${webhookId}?sent=${status >= 200 && status < 300 ? 'yes' : 'no'}`,
    );
  });

  for (const action of ['pause', 'resume'] as const)
    router.post(`/admin/webhooks/:webhookId/${action}`, async (request: WebhookRequest, response) => {
      await webhooks[action](personOf(request), request.params.webhookId);
      response.redirect(303, `/admin/webhooks/${request.params.webhookId}`);
    });

  router.post('/admin/webhooks/:webhookId/delete', async (request: WebhookRequest, response) => {
    await webhooks.remove(personOf(request), request.params.webhookId);
    response.redirect(303, '/admin/webhooks');
  });

  return router;
}

function gone() {
  return new PaperliftError('not-found', {
    code: 'webhook-not-found',
    message: 'This webhook doesn’t exist.',
    hint: 'Go back to the list of webhooks.',
  });
}
