// What the desktop shows for a phone: the link as a QR code, and as text for who cannot photograph it.
import { type Request, Router } from 'express';
import { renderSVG } from 'uqr';
import { personOf } from '../http/request.ts';
import type { PhoneService } from './phone.service.ts';

interface Dependencies {
  phones: PhoneService;
  publicUrl: string;
}

type ProjectRequest = Request<{ projectId: string }>;

export function phoneLinkRoutes({ phones, publicUrl }: Dependencies) {
  const router = Router();

  router.post('/projects/:projectId/phone-links', async (request: ProjectRequest, response) => {
    const { projectId } = request.params;
    const { token, endsAt, project } = await phones.link(personOf(request), projectId, request.sessionID);
    const url = `${publicUrl}/phone#${token}`; // a fragment stays in the browser: it is in no log and no Referer
    const model = {
      project: { name: project.name, url: `/projects/${project.id}` },
      url,
      endsAt: new Date(endsAt).toISOString(),
      code: renderSVG(url, { border: 2, whiteColor: '#fff', blackColor: '#000' }),
    };
    const isFragment = request.get('hx-request') !== undefined;
    response.render(isFragment ? 'capture/link-card' : 'capture/link', model);
  });

  return router;
}
