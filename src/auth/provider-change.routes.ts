import { type Request, Router } from 'express';
import * as z from 'zod';
import { formatCount } from '../http/formatting.ts';
import { personOf } from '../http/request.ts';
import { formatTime } from '../http/times.ts';
import type { ProviderChangeService } from './provider-change.service.ts';

const issuer = z.string('Enter the entity ID.').trim().min(1, 'Enter the entity ID.').max(1000);
const chosen = z.object({
  from: z.string().trim().max(1000).catch(''),
  to: z.string().max(100).catch(''),
});
const form = z.object({ from: issuer, to: z.string().max(100) });
const endForm = z.object({ to: z.string().max(100) });
const namesShown = 20;

/** The page on which an administrator says that a new identity provider's people are those of an old one. */
export function providerChangeRoutes({ changes, now }: { changes: ProviderChangeService; now: () => Date }) {
  const router = Router();

  router.get('/admin/provider-change', async (request: Request, response) => {
    const { from, to } = chosen.parse(request.query);
    const { providers, made, compared } = await changes.preview(personOf(request), {
      fromIssuer: from,
      toProviderId: to,
    });
    const nameOf = (id: string) => providers.find((provider) => provider.id === id)?.name ?? id;
    response.render('admin/provider-change', {
      providers: providers.map(({ id, name, idpIssuer }) => ({ id, name, idpIssuer, isChosen: id === to })),
      from,
      to,
      toName: nameOf(to),
      made: made.map(({ toProviderId, fromIssuer, at, byName }) => ({
        to: toProviderId,
        name: nameOf(toProviderId),
        from: fromIssuer,
        byName,
        when: formatTime(at, now()),
      })),
      compared: compared && {
        count: `${formatCount(compared.former.length)} ${compared.former.length === 1 ? 'person' : 'people'}`,
        names: compared.former.slice(0, namesShown).map(({ name, email }) => ({ name, email })),
        more: Math.max(0, compared.former.length - namesShown),
        doubled: compared.doubled.map(({ name, email }) => ({ name, email })),
      },
    });
  });

  router.post('/admin/provider-change', async (request, response) => {
    const { from, to } = form.parse(request.body ?? {});
    await changes.begin(personOf(request), { fromIssuer: from, toProviderId: to });
    response.redirect(303, '/admin/provider-change');
  });

  router.post('/admin/provider-change/end', async (request, response) => {
    await changes.end(personOf(request), endForm.parse(request.body ?? {}).to);
    response.redirect(303, '/admin/provider-change');
  });

  return router;
}
