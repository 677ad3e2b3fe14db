// Signing out: the current session, all of one's own, and single logout by the identity provider.
import express, { type RequestHandler, type Response, Router } from 'express';
import { PaperliftError } from '../errors.ts';
import { refuseForged } from '../http/csrf.ts';
import { personOf } from '../http/request.ts';
import type { AccountService } from './account.service.ts';
import { clearSessionCookie, endSession, hasSessionCookie } from './session.ts';
import { LogoutRefused } from './single-logout.guard.ts';
import type { LogoutForm, SingleLogoutService } from './single-logout.service.ts';

interface Dependencies {
  account: AccountService;
  singleLogout: SingleLogoutService;
  secureCookies: boolean;
}

export function signOutRoutes({ account, singleLogout, secureCookies }: Dependencies) {
  const router = Router();
  const readForm = express.urlencoded({ extended: false, limit: '10kb', parameterLimit: 10 });
  const readMessage = express.urlencoded({ extended: false, limit: '200kb', parameterLimit: 10 });

  router.post('/auth/logout', readForm, refuseForged, async (request, response) => {
    const { person } = request;
    const { provider } = request.session ?? {};
    // a POST from another site comes without the Lax cookie: the session and its cookie must stay
    if (!hasSessionCookie(request, secureCookies)) return response.redirect(303, '/');
    if (person) await endSession(request);
    request.log.info({ personId: person?.id }, 'signed out');
    clearSessionCookie(response, secureCookies);
    // signed out here already: a failure at the provider does not undo that
    const form = await singleLogout.begin(provider).catch((error) => {
      request.log.warn({ err: error }, 'could not create a logout request for the identity provider');
      return undefined;
    });
    if (form) sendForm(response, form);
    else response.redirect(303, '/auth/signed-out');
  });

  router.post('/auth/logout-everywhere', readForm, refuseForged, async (request, response) => {
    await account.signOutEverywhere(personOf(request));
    await endSession(request);
    clearSessionCookie(response, secureCookies);
    response.redirect(303, '/auth/signed-out');
  });

  // no CSRF token: the message is signed by the provider, from whose site it comes
  const receive: RequestHandler = async (request, response) => {
    try {
      const form = await singleLogout.receive(request.body, request.query);
      if (form) sendForm(response, form);
      else response.redirect(303, '/auth/signed-out');
    } catch (error) {
      if (!(error instanceof LogoutRefused)) throw error;
      request.log.warn({ reason: error.code, detail: error.message }, 'logout message refused');
      throw new PaperliftError('forbidden', {
        code: 'logout-refused',
        message: 'Your company’s sign-out request wasn’t valid, so no one was signed out.',
        hint: 'To sign out of Paperlift, use the menu on any page.',
        cause: error,
      });
    }
  };
  router.post('/auth/saml/slo', readMessage, receive);

  router.get('/auth/signed-out', (_request, response) => {
    response.render('auth/signed-out');
  });

  return router;
}

/** A page that submits itself to the provider, which this response's content security policy allows. */
function sendForm(response: Response, form: LogoutForm) {
  const policy = String(response.getHeader('Content-Security-Policy'));
  const target = new URL(form.action).origin;
  response.setHeader('Content-Security-Policy', policy.replace(/form-action [^;]*/, `form-action ${target}`));
  response.render('auth/logout-form', { form });
}
