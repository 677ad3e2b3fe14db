import { Router } from 'express';
import { countOf, formatBytes, formatCount } from '../http/formatting.ts';
import { personOf } from '../http/request.ts';
import type { Policies } from '../people/policies.ts';
import type { Settings, SettingsService } from './settings.service.ts';

/** What the organisation uses of what it may. */
function presentUsage({
  pagesThisMonth,
  pagesPerMonth,
  storageBytes,
  holdings,
}: Settings['usage']): string[][] {
  const of = (limit: string, hasLimit: boolean) => (hasLimit ? ` of ${limit}` : '');
  const used = holdings
    ? `${formatBytes(holdings.bytes)}${of(formatBytes(storageBytes), storageBytes > 0)} in ${countOf(holdings.projects, 'project')}`
    : 'Not added up yet';
  return [
    [
      'Pages this month',
      `${formatCount(pagesThisMonth)}${of(formatCount(pagesPerMonth), pagesPerMonth > 0)}`,
    ],
    ['Storage', used],
  ];
}

/** The configuration of this deployment, without secrets. */
export function adminRoutes({ settings, policies }: { settings: SettingsService; policies: Policies }) {
  const router = Router();

  router.get('/admin', async (request, response) => {
    const { config, organisation, providers, usage } = await settings.read(personOf(request));
    const { saml, uploads, session, exports } = config;
    const facts = [
      ...(organisation.name ? [['Organisation', organisation.name]] : []),
      ['Identity provider', providers.map(({ idpIssuer }) => idpIssuer).join('; ')],
      ['Entity ID of this site', saml.spEntityId],
      ['Assertion consumer service', saml.acsUrl],
      [
        'Groups',
        providers
          .flatMap(({ groupTable }) => groupTable.map(({ from, to }) => `${from} → ${to}`))
          .join('; ') || 'none',
      ],
      ...presentUsage(usage),
      ['Largest image', formatBytes(uploads.maxFileBytes)],
      [
        'Largest PDF or TIFF',
        `${formatBytes(uploads.maxDocumentBytes)}, ${countOf(uploads.maxDocumentPages, 'page')}`,
      ],
      ['Files per upload', formatCount(uploads.maxFiles)],
      [
        'Pages in a project',
        uploads.maxProjectPages === 0 ? 'No limit' : formatCount(uploads.maxProjectPages),
      ],
      ['Pages per person and day', uploads.pagesPerDay === 0 ? 'No limit' : formatCount(uploads.pagesPerDay)],
      ['Pages per export', formatCount(exports.maxPages)],
      ['Sessions end when idle for', countOf(session.idleMs / 60_000, 'minute')],
      ['Sessions end after', countOf(session.maxMs / 3_600_000, 'hour')],
      ['Text detector', config.aws.textract.endpoint ?? `Amazon Textract in ${config.aws.region}`],
      ['Node.js', process.version],
    ];
    response.render('admin', {
      facts: facts.map(([label, value]) => ({ label, value })),
      mayManageMachines: policies.may(personOf(request), 'machines.manage'),
    });
  });

  return router;
}
