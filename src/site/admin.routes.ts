import { Router } from 'express';
import { countOf, formatBytes, formatCount } from '../http/formatting.ts';
import { personOf } from '../http/request.ts';
import type { SettingsService } from './settings.service.ts';

/** The configuration of this deployment, without secrets. */
export function adminRoutes({ settings }: { settings: SettingsService }) {
  const router = Router();

  router.get('/admin', (request, response) => {
    const { config, organisation, providers } = settings.read(personOf(request));
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
      ['Largest image', formatBytes(uploads.maxFileBytes)],
      [
        'Largest PDF or TIFF',
        `${formatBytes(uploads.maxDocumentBytes)}, ${countOf(uploads.maxDocumentPages, 'page')}`,
      ],
      ['Files per upload', formatCount(uploads.maxFiles)],
      ['Pages per person and day', uploads.pagesPerDay === 0 ? 'No limit' : formatCount(uploads.pagesPerDay)],
      ['Pages per export', formatCount(exports.maxPages)],
      ['Sessions end when idle for', countOf(session.idleMs / 60_000, 'minute')],
      ['Sessions end after', countOf(session.maxMs / 3_600_000, 'hour')],
      ['Text detector', config.aws.textract.endpoint ?? `Amazon Textract in ${config.aws.region}`],
      ['Node.js', process.version],
    ];
    response.render('admin', { facts: facts.map(([label, value]) => ({ label, value })) });
  });

  return router;
}
