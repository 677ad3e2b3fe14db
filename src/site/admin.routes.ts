import { Router } from 'express';
import type { Policies } from '../auth/policies.ts';
import type { Config } from '../config.ts';
import { PaperliftError } from '../errors.ts';
import { personOf } from '../http/request.ts';
import { formatBytes } from '../projects/project.presenter.ts';

/** How this Paperlift is set up, for administrators. No secret is shown. */
export function adminRoutes({ config, policies }: { config: Config; policies: Policies }) {
  const router = Router();

  router.get('/admin', (request, response) => {
    if (!policies.maySeeSettings(personOf(request))) {
      throw new PaperliftError('forbidden', {
        code: 'not-an-administrator',
        message: 'Only administrators see this page.',
        todo: 'Go back to your projects.',
      });
    }
    const { saml, groups, uploads, session, exports } = config;
    const facts = [
      ['Identity provider', saml.providers.map(({ idpIssuer }) => idpIssuer).join('; ')],
      ['Entity id of this site', saml.spEntityId],
      ['Assertion consumer service', saml.acsUrl],
      [
        'Groups',
        Object.entries(groups.table)
          .map(([from, to]) => `${from} → ${to}`)
          .join('; ') || 'none',
      ],
      ['Largest image', formatBytes(uploads.maxFileBytes)],
      ['Largest PDF or TIFF', `${formatBytes(uploads.maxDocumentBytes)}, ${uploads.maxDocumentPages} pages`],
      ['Files at once', String(uploads.maxFiles)],
      ['Pages in one export', String(exports.maxPages)],
      ['A session ends when idle for', `${session.idleMs / 60_000} minutes`],
      ['A session ends at the latest after', `${session.maxMs / 3_600_000} hours`],
      ['Text detector', config.aws.textract.endpoint ?? `Amazon Textract in ${config.aws.region}`],
      ['Node.js', process.version],
    ];
    response.render('admin', { facts: facts.map(([label, value]) => ({ label, value })) });
  });

  return router;
}
