// The desktop's view of a phone link: the QR code, the link as text, and the phone's progress.
import { type Request, Router } from 'express';
import { renderSVG } from 'uqr';
import { countOf } from '../http/formatting.ts';
import { personOf } from '../http/request.ts';
import type { LinkProgress, PhoneService } from './phone.service.ts';

interface Dependencies {
  phones: PhoneService;
  publicUrl: string;
  now: () => Date;
}

type ProjectRequest = Request<{ projectId: string }>;
type LinkRequest = Request<{ projectId: string; linkId: string }>;

export function phoneLinkRoutes({ phones, publicUrl, now }: Dependencies) {
  const router = Router();

  router.post('/projects/:projectId/phone-links', async (request: ProjectRequest, response) => {
    const { projectId } = request.params;
    const { id, token, endsAt, project } = await phones.link(personOf(request), projectId, request.sessionID);
    const url = `${publicUrl}/phone#${token}`; // a fragment stays in the browser: it is in no log and no Referer
    const model = {
      project: { name: project.name, url: `/projects/${project.id}` },
      url,
      statusUrl: `/projects/${project.id}/phone-links/${id}`,
      endsAt: new Date(endsAt).toISOString(),
      now: now().toISOString(),
      code: renderSVG(url, { border: 2, whiteColor: '#fff', blackColor: '#000' }),
    };
    const isFragment = request.get('hx-request') !== undefined;
    response.render(isFragment ? 'capture/link-card' : 'capture/link', model);
  });

  router.get('/projects/:projectId/phone-links/:linkId', async (request: LinkRequest, response) => {
    const { projectId, linkId } = request.params;
    const { state, pages } = await phones.followLink(personOf(request), projectId, linkId);
    response.json({ state, message: describeProgress(state, pages) });
  });

  return router;
}

function describeProgress(state: LinkProgress['state'], pages: number): string {
  const added = countOf(pages, 'page');
  if (state === 'waiting') return '';
  if (state === 'expired') return 'This link has expired.';
  if (state === 'connected')
    return pages === 0
      ? 'Phone connected. Waiting for the first photo.'
      : `Phone connected. ${added} added so far.`;
  return pages === 0 ? 'Phone disconnected. No pages were added.' : `Done. ${added} added from your phone.`;
}
