// SAML 2.0 Web SSO: the request by redirect, the response by POST (saml-profiles 4.1).
import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import { Passport } from 'passport';
import { isPaperliftError } from '../errors.ts';
import { refuseUnknownPath } from '../http/error-response.ts';
import { beginSession } from '../http/session.ts';
import { returnPath } from './return-path.ts';
import { checkPostedResponse, refusedSignIn } from './saml.guard.ts';
import type { SamlStrategy, VerifiedSubject } from './saml.strategy.ts';
import { bindBrowser } from './sign-in.cookie.ts';
import type { SignInService } from './sign-in.service.ts';

interface Dependencies {
  samlStrategy: SamlStrategy;
  secureCookies: boolean;
  signIns: SignInService;
}

export function signInRoutes({ samlStrategy, secureCookies, signIns }: Dependencies) {
  const router = Router();
  const passport = new Passport();
  passport.use('saml', samlStrategy);

  router.get('/auth/login', (request, response, next) => {
    bindBrowser(request, response, secureCookies);
    const options = { session: false, additionalParams: { RelayState: returnPath(request.query.returnTo) } };
    // the strategy reads messages from the query too: only the ACS takes any
    request.url = '/auth/login';
    Object.defineProperty(request, 'query', { value: {} });
    passport.authenticate('saml', options as object)(request, response, next);
  });

  const readForm = express.urlencoded({ extended: false, limit: '200kb', parameterLimit: 10 });

  router.post('/auth/saml/acs', readForm, async (request, response) => {
    const subject = await verify(request, response);
    const result = await signIns.signIn(subject);
    if (result.outcome === 'no-group') {
      const { name, email } = result.person;
      const model = { name, email, groups: result.received, requestId: request.id, person: undefined };
      response.status(403).render('auth/no-access', model);
      return;
    }
    await beginSession(request, result.person);
    response.redirect(303, returnPath((request.body as { RelayState?: unknown }).RelayState));
  });

  function verify(request: Request, response: Response): Promise<VerifiedSubject> {
    checkPostedResponse(request.body);
    Object.defineProperty(request, 'query', { value: {} });
    return new Promise((resolve, reject) => {
      const refuse = (reason: string, cause?: unknown) => reject(refusedSignIn(reason, cause));
      const onResult = (error: unknown, subject?: VerifiedSubject | false) => {
        if (isPaperliftError(error)) reject(error);
        else if (error) refuse(error instanceof Error ? error.message : 'unknown', error);
        else if (!subject) refuse('the response signs nobody in');
        else resolve(subject);
      };
      const handler: RequestHandler = passport.authenticate('saml', { session: false }, onResult);
      handler(request, response, () => refuse('the message is no response to a sign-in'));
    });
  }

  router.get('/auth/saml/metadata', (request, response, next) => {
    samlStrategy.generateServiceProviderMetadata(request, null, null, (error, metadata) => {
      if (error) return next(error);
      response.type('application/samlmetadata+xml').send(metadata);
    });
  });

  // a message for the ACS that comes another way is never answered with a new trip to the provider
  router.use('/auth', refuseUnknownPath);
  return router;
}
