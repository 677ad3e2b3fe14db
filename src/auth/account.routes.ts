import { Router } from 'express';
import * as z from 'zod';
import { personOf } from '../http/request.ts';
import { formatTime } from '../http/times.ts';
import type { Policies } from '../people/policies.ts';
import type { AccountService } from './account.service.ts';
import { clearSessionCookie } from './session.ts';

const peopleQuery = z.object({
  mail: z.string().trim().max(200).default(''),
  from: z.string().min(1).max(400).optional(),
});

interface Dependencies {
  account: AccountService;
  policies: Policies;
  secureCookies: boolean;
  now: () => Date;
}

/** A person's own account, and administrators' actions on other accounts. */
export function accountRoutes({ account, policies, secureCookies, now }: Dependencies) {
  const router = Router();

  router.get('/account', async (request, response) => {
    const person = personOf(request);
    const time = now();
    const sessions = (await account.listSessions(person, request.sessionID)).map((session) => ({
      handle: session.handle,
      device: session.device,
      isThis: session.isThis,
      started: formatTime(session.startedAt, time),
      used: formatTime(session.lastUsedAt, time),
    }));
    response.render('account', {
      account: {
        name: person.name,
        email: person.email,
        groups: person.groups,
        rolesLabel: policies.rolesOf(person).length === 1 ? 'role' : 'roles',
        roles: policies.rolesOf(person).join(', '),
      },
      sessions,
    });
  });

  router.post('/account/sessions/:handle/end', async (request, response) => {
    const { handle } = request.params;
    const { endedThis } = await account.endSession(personOf(request), handle, request.sessionID);
    if (!endedThis) return response.redirect(303, '/account');
    clearSessionCookie(response, secureCookies);
    response.redirect(303, '/auth/signed-out');
  });

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
        isDisabled: Boolean(person.disabledAt),
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
