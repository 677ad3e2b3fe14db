import { Router } from 'express';
import * as z from 'zod';
import { personOf } from '../http/request.ts';
import { formatTime } from '../http/times.ts';
import { isBlocked } from '../people/person.ts';
import type { AccountService } from './account.service.ts';

const peopleQuery = z.object({
  mail: z.string().trim().max(200).default(''),
  from: z.string().min(1).max(400).optional(),
});

/** The people with an account, and administrators' actions on their accounts. */
export function peopleRoutes({ account, now }: { account: AccountService; now: () => Date }) {
  const router = Router();

  router.get('/admin/people', async (request, response) => {
    const { mail, from } = peopleQuery.parse(request.query);
    const actor = personOf(request);
    const { items, next } = await account.listPeople(actor, { mail, from });
    const time = now();
    response.render('admin/people', {
      mail,
      people: items.map((person) => ({
        id: person.id,
        name: person.name,
        email: person.email,
        groups: (person.groups ?? []).join(', '),
        signedIn: person.signedInAt ? formatTime(person.signedInAt, time) : undefined,
        isDisabled: isBlocked(person),
        isByDirectory: Boolean(person.directoryBlockedAt && !person.disabledAt),
        isSelf: person.id === actor.id,
      })),
      nextUrl: next ? `/admin/people?${new URLSearchParams({ mail, from: next })}` : '',
    });
  });

  router.post('/admin/people/:personId/logout-everywhere', async (request, response) => {
    await account.signOutSomebody(personOf(request), request.params.personId);
    response.redirect(303, '/admin/people');
  });

  router.post('/admin/people/:personId/disable', async (request, response) => {
    await account.disable(personOf(request), request.params.personId);
    response.redirect(303, '/admin/people');
  });

  router.post('/admin/people/:personId/enable', async (request, response) => {
    await account.enable(personOf(request), request.params.personId);
    response.redirect(303, '/admin/people');
  });

  return router;
}
