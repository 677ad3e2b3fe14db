import { Router } from 'express';
import { personOf } from '../http/request.ts';
import { formatTime } from '../http/times.ts';
import type { Policies } from '../people/policies.ts';
import type { AccountService } from './account.service.ts';
import { clearSessionCookie } from './session.ts';

interface Dependencies {
  account: AccountService;
  policies: Policies;
  secureCookies: boolean;
  now: () => Date;
}

/** A person's own account. */
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

  return router;
}
