// SAML 2.0 Web SSO: the request by redirect, the response by POST (saml-profiles 4.1).
import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import { Passport } from 'passport';
import type { SamlProvider } from '../config/provider.config.ts';
import { relayStateOf, returnPath } from './return-path.ts';
import { readPostedResponse } from './saml/message.ts';
import type { Providers } from './saml/providers.ts';
import type { ResponseReceiver } from './saml/receiver.ts';
import { SignInRefused } from './saml/sign-in-refused.error.ts';
import type { SamlStrategy } from './saml/strategy.ts';
import { beginSession } from './session.ts';
import { bindBrowser, hashOfBrowser } from './sign-in.cookie.ts';
import type { SignInContext, SignInService } from './sign-in.service.ts';

interface Dependencies {
  samlStrategy: SamlStrategy;
  samlProviders: Providers;
  responseReceiver: ResponseReceiver;
  spMetadata: () => string;
  signIns: SignInService;
}

/** Codes of input that is not a response at all. */
const malformed = new Set<string>([
  'response-missing',
  'response-in-query',
  'response-too-large',
  'response-not-base64',
  'response-not-xml',
  'document-type',
]);

export function signInRoutes(dependencies: Dependencies) {
  const { samlStrategy, samlProviders, responseReceiver, spMetadata, signIns } = dependencies;
  const router = Router();
  const passport = new Passport();
  passport.use('saml', samlStrategy.strategy);

  router.get('/auth/login', async (request, response, next) => {
    const { query } = request;
    const returnTo = returnPath(query.returnTo);
    const provider = await chooseProvider(query);
    if (!provider) return offerProviders(request, response, returnTo);
    bindBrowser(request, response);
    samlStrategy.chooseProvider(request, { provider });
    const options = { session: false, additionalParams: { RelayState: relayStateOf(returnTo) } };
    // the strategy also reads messages from the query: only the ACS accepts any
    request.url = '/auth/login';
    Object.defineProperty(request, 'query', { value: {} });
    passport.authenticate('saml', options as object)(request, response, next);
  });

  /** The only provider, or the one that the query names. */
  async function chooseProvider(query: Request['query']): Promise<SamlProvider | undefined> {
    const [only, ...others] = samlProviders.list();
    if (only && others.length === 0) return samlProviders.find(only.id);
    return typeof query.provider === 'string' ? samlProviders.find(query.provider) : undefined;
  }

  /** Shows the list of providers, or selects one by email address. */
  async function offerProviders({ query }: Request, response: Response, returnTo: string) {
    const email = typeof query.email === 'string' ? query.email.slice(0, 200) : '';
    const chosen = email ? await samlProviders.findByEmail(email) : undefined;
    const isUnknown = !chosen && (email !== '' || query.provider !== undefined);
    if (chosen) {
      // a page in between: browsers apply form-action to a redirect after a form
      const address = new URLSearchParams({ provider: chosen.id, returnTo });
      response.set('Refresh', `0; url=/auth/login?${address}`);
    }
    const model = { providers: samlProviders.list(), chosen, returnTo, email, isUnknown };
    response.status(isUnknown ? 404 : 200).render('auth/providers', model);
  }

  const readForm = express.urlencoded({ extended: false, limit: '200kb', parameterLimit: 10 });

  router.post('/auth/saml/acs', async (request, response) => {
    const context: SignInContext = { requestId: request.id, ip: request.ip ?? '' };
    try {
      const { person, session } = await signIn(request, response, context);
      await beginSession(request, person, session);
    } catch (error) {
      if (!(error instanceof SignInRefused)) throw error;
      await signIns.recordRefusal(error, context);
      answerRefusal(error, context, request, response);
      return;
    }
    response.redirect(303, returnPath((request.body as { RelayState?: unknown }).RelayState));
  });

  async function signIn(request: Request, response: Response, context: SignInContext) {
    await readBody(request, response);
    const message = await readPostedResponse(request.body, request.query);
    const subject = await responseReceiver.receive({
      message,
      browserHash: hashOfBrowser(request),
      onProvider: (provider) => {
        context.provider = provider;
      },
      verify: (exchange) => {
        samlStrategy.chooseProvider(request, exchange);
        return verify(request, response);
      },
    });
    const provider = context.provider as SamlProvider;
    const person = await signIns.signIn(subject, provider, context);
    const { nameId, nameIdFormat, sessionIndex } = subject;
    return { person, session: { providerId: provider.id, nameId, nameIdFormat, sessionIndex } };
  }

  function readBody(request: Request, response: Response): Promise<void> {
    return new Promise((resolve, reject) => {
      readForm(request, response, (error?: { type?: string; status?: number } & Error) => {
        if (!error) resolve();
        else if (error.type === 'entity.too.large')
          reject(new SignInRefused('response-too-large', undefined, error));
        else if (error.type === 'request.aborted' || !error.status || error.status >= 500) reject(error);
        else reject(new SignInRefused('response-missing', error.message, error));
      });
    });
  }

  /** Runs node-saml through Passport. Returns the verified assertion as XML. */
  function verify(request: Request, response: Response): Promise<string> {
    return new Promise((resolve, reject) => {
      const onResult = (error: unknown, verified?: { assertionXml?: string }) => {
        if (error) reject(error);
        else if (verified?.assertionXml) resolve(verified.assertionXml);
        else reject(new Error('the response contains no assertion'));
      };
      const handler: RequestHandler = passport.authenticate('saml', { session: false }, onResult);
      handler(request, response, () => reject(new Error('the message is not a response to a sign-in')));
    });
  }

  router.get('/auth/saml/metadata', (_request, response) => {
    response.type('application/samlmetadata+xml').send(spMetadata());
  });

  return router;
}

/** Shows one page for all refusals, which tells a forger nothing. Only people without a group learn whom to ask. */
function answerRefusal(
  { code }: SignInRefused,
  context: SignInContext,
  request: Request,
  response: Response,
) {
  const { known } = context;
  if (known && (code === 'no-group' || code === 'groups-overage')) {
    const { name, email, dropped } = known;
    const model = { name, email, groups: dropped, isOverage: code === 'groups-overage', person: undefined };
    response.status(403).render('auth/no-access', { ...model, requestId: request.id });
    return;
  }
  response.status(malformed.has(code) ? 400 : 403).render('auth/refused', { requestId: request.id });
}
