// The pages on which administrators make rules and see what they did.
import { type Request, type Response, Router } from 'express';
import * as z from 'zod';
import { isDelivered } from '../events/listener.ts';
import { exportFiles, exportFormats, labelOf, translatedFormats } from '../exports/export.ts';
import { personOf } from '../http/request.ts';
import { formatTime } from '../http/times.ts';
import { ulid } from '../ids.ts';
import { type Language, languageNames } from '../text/languages.ts';
import { parseRuleForm } from './rule.form.ts';
import { type RuleService, ruleNotFound } from './rule.service.ts';
import { describeTarget, type TargetKind } from './rule.ts';

interface Dependencies {
  rules: RuleService;
  translateInto: readonly Language[];
  /** Whether servers may be reached by plain http. */
  allowHttp: boolean;
  now: () => Date;
}

type RuleRequest = Request<{ ruleId: string }>;

const kinds: Record<TargetKind | 'none', { title: string; explanation: string }> = {
  none: { title: 'Create an export', explanation: 'It is kept in the project' },
  s3: { title: 'Send to Amazon S3', explanation: 'A bucket that Paperlift may write to' },
  sftp: { title: 'Send by SFTP', explanation: 'A server with an account for Paperlift' },
  webdav: { title: 'Send by WebDAV', explanation: 'Nextcloud, ownCloud or another server' },
  sharepoint: { title: 'Send to SharePoint', explanation: 'A document library, by Microsoft Graph' },
};

const kindNames = ['none', 's3', 'sftp', 'webdav', 'sharepoint'] as const;
const newQuery = z.object({ to: z.enum(kindNames).catch('none') });
const viewQuery = z.object({
  before: ulid.optional().catch(undefined),
  sent: z.enum(['yes', 'no']).optional().catch(undefined),
  tested: z.enum(['yes']).optional().catch(undefined),
});
const againForm = z.object({ projectId: ulid, number: z.coerce.number().int().positive() });

export function ruleRoutes({ rules, translateInto, allowHttp, now }: Dependencies) {
  const router = Router();

  router.param('ruleId', (_request, _response, next, value) =>
    next(ulid.safeParse(value).success ? undefined : ruleNotFound()),
  );

  router.get('/admin/rules', async (request, response) => {
    const list = await rules.list(personOf(request));
    response.render('admin/rules', {
      rules: list.map((rule) => ({
        id: rule.id,
        name: rule.name,
        does: labelOf(rule),
        place: describeTarget(rule.target),
        isPaused: Boolean(rule.pausedAt),
        created: formatTime(rule.createdAt, now()),
        createdBy: rule.createdBy,
      })),
      kinds: kindNames.map((kind) => ({ kind, ...kinds[kind] })),
    });
  });

  function showForm(
    request: Request,
    response: Response,
    kind: (typeof kindNames)[number],
    refused: { error: string; field: string } = { error: '', field: '' },
  ) {
    const entered = (name: string) => {
      const value: unknown = request.body?.[name];
      return typeof value === 'string' ? value.slice(0, 2000) : '';
    };
    const names =
      'name format translateTo bucket prefix host port user hostKey folder url tenantId clientId driveId';
    response.status(refused.error ? 400 : 200).render('admin/rule-new', {
      kind,
      ...kinds[kind],
      buckets: rules.buckets(personOf(request)),
      formats: exportFormats.map((value) => ({ value, label: exportFiles[value].label })),
      translateInto: translateInto.map((value) => ({ value, name: languageNames[value] })),
      translated: translatedFormats.map((format) => exportFiles[format].label).join(' and '),
      entered: Object.fromEntries(names.split(' ').map((name) => [name, entered(name)])),
      ...refused,
    });
  }

  router.get('/admin/rules/new', (request, response) =>
    showForm(request, response, newQuery.parse(request.query).to),
  );

  router.post('/admin/rules', async (request, response) => {
    const { to } = newQuery.parse(request.body ?? {});
    const form = parseRuleForm(request.body, { kind: to === 'none' ? undefined : to, allowHttp });
    if ('error' in form) return showForm(request, response, to, form);
    const rule = await rules.create(personOf(request), form.rule);
    response.redirect(303, `/admin/rules/${rule.id}`);
  });

  async function show(request: RuleRequest, response: Response, failure = '') {
    const { before, sent, tested } = viewQuery.parse(request.query);
    const { rule, items, isMore } = await rules.view(personOf(request), request.params.ruleId, before);
    response.render('admin/rule', {
      name: rule.name,
      does: labelOf(rule),
      place: describeTarget(rule.target),
      hasTarget: Boolean(rule.target),
      own: `/admin/rules/${rule.id}`,
      isPaused: Boolean(rule.pausedAt),
      sent: sent ?? '',
      tested: tested ?? '',
      failure,
      attempts: items.map((attempt) => ({
        ...attempt,
        isDone: isDelivered(attempt),
        result: attempt.error ?? attempt.note ?? '',
        when: formatTime(attempt.at, now()),
        projectUrl: `/projects/${attempt.projectId}`,
      })),
      moreUrl: isMore ? `/admin/rules/${rule.id}?before=${items.at(-1)?.id}` : '',
    });
  }

  router.get('/admin/rules/:ruleId', (request: RuleRequest, response) => show(request, response));

  router.post('/admin/rules/:ruleId/send-again', async (request: RuleRequest, response) => {
    const { ruleId } = request.params;
    const isSent = await rules.sendAgain(personOf(request), ruleId, againForm.parse(request.body ?? {}));
    response.redirect(303, `/admin/rules/${ruleId}?sent=${isSent ? 'yes' : 'no'}`);
  });

  router.post('/admin/rules/:ruleId/test', async (request: RuleRequest, response) => {
    const { ruleId } = request.params;
    const failure = await rules.test(personOf(request), ruleId);
    if (failure) return show(request, response, failure);
    response.redirect(303, `/admin/rules/${ruleId}?tested=yes`);
  });

  for (const action of ['pause', 'resume'] as const)
    router.post(`/admin/rules/:ruleId/${action}`, async (request: RuleRequest, response) => {
      await rules[action](personOf(request), request.params.ruleId);
      response.redirect(303, `/admin/rules/${request.params.ruleId}`);
    });

  router.post('/admin/rules/:ruleId/delete', async (request: RuleRequest, response) => {
    await rules.remove(personOf(request), request.params.ruleId);
    response.redirect(303, '/admin/rules');
  });

  return router;
}
