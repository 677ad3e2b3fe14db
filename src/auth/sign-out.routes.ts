// Signing out: this session, all of one's own, or (for administrators) all of somebody else's.
import express, { Router } from 'express';
import { refuseForged } from '../http/csrf.ts';
import { personOf } from '../http/request.ts';
import { clearSessionCookie, endSession } from '../http/session.ts';
import type { AccountService } from './account.service.ts';

interface Dependencies {
  account: AccountService;
  secureCookies: boolean;
}

export function signOutRoutes({ account, secureCookies }: Dependencies) {
  const router = Router();
  const readForm = express.urlencoded({ extended: false, limit: '10kb', parameterLimit: 10 });

  router.post('/auth/logout', readForm, refuseForged, async (request, response) => {
    const { person } = request;
    if (person) await endSession(request);
    request.log.info({ personId: person?.id }, 'signed out');
    clearSessionCookie(response, secureCookies);
    response.redirect(303, '/auth/signed-out');
  });

  router.post('/auth/logout-everywhere', readForm, refuseForged, async (request, response) => {
    await account.signOutEverywhere(personOf(request));
    await endSession(request);
    clearSessionCookie(response, secureCookies);
    response.redirect(303, '/auth/signed-out');
  });

  router.get('/auth/signed-out', (_request, response) => {
    response.render('auth/signed-out');
  });

  return router;
}
