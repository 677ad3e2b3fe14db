import { randomBytes } from 'node:crypto';
import express, { type NextFunction, type Request, type Response } from 'express';
import type { LocalPerson } from '../people.ts';
import { AuthnRequestError } from './authn-request.error.ts';
import { readAuthnRequest, type ServiceProvider } from './authn-request.ts';
import { presentMetadata } from './metadata.presenter.ts';
import { presentAnswer, presentNotice, presentSignIn } from './pages.presenter.ts';
import { buildResponse, claimResponse, signResponse } from './saml-response.ts';
import type { SigningKey } from './signing-key.ts';

export interface IdentityProviderOptions {
  /** The entity id. It is part of every person's id in Paperlift, so it does not depend on the port. */
  issuer: string;
  /** Where browsers bring an AuthnRequest. */
  entryPoint: string;
  /** Paperlift's URL, for people who come here first. */
  publicUrl: string;
  serviceProviders: ServiceProvider[];
  people: LocalPerson[];
  key: SigningKey;
}

/** A SAML 2.0 identity provider: redirect binding in, POST binding out, one button for each person. */
export function createIdentityProvider(options: IdentityProviderOptions) {
  const { serviceProviders, publicUrl, people } = options;
  const expected = { destination: options.entryPoint, serviceProviders };
  const formTargets = [...new Set(serviceProviders.map(({ acsUrl }) => new URL(acsUrl).origin))];
  const app = express();
  app.disable('x-powered-by');
  app.use(protectPages);
  app.use(express.urlencoded({ extended: false, limit: '100kb' }));

  app.get('/', (_request, response) => {
    const message = 'This is the identity provider of the local Paperlift.';
    response.send(
      presentNotice({ title: 'Example Company', message, publicUrl, nonce: response.locals.nonce }),
    );
  });

  app.get('/metadata', (_request, response) => {
    response.type('application/samlmetadata+xml').send(presentMetadata({ ...options, ...options.key }));
  });

  app.get('/sso', (request, response) => {
    const { SAMLRequest, RelayState } = request.query;
    readAuthnRequest(SAMLRequest, expected);
    const relayState = typeof RelayState === 'string' ? RelayState : undefined;
    const { nonce } = response.locals;
    response.send(presentSignIn({ people, samlRequest: String(SAMLRequest), relayState, nonce }));
  });

  app.post('/sso', (request, response) => {
    const { SAMLRequest, RelayState, person: email } = request.body ?? {};
    const { id, serviceProvider } = readAuthnRequest(SAMLRequest, expected);
    const person = people.find((person) => person.email === email);
    if (!person) throw new AuthnRequestError('No one here has this email address.');
    const samlResponse = Buffer.from(answer(person, id, serviceProvider)).toString('base64');
    const relayState = typeof RelayState === 'string' ? RelayState : undefined;
    const { nonce } = response.locals;
    response.send(presentAnswer({ acsUrl: serviceProvider.acsUrl, samlResponse, relayState, nonce }));
  });

  app.use((error: Error & { status?: number }, _request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error);
    const expectedError = error instanceof AuthnRequestError;
    const message = expectedError ? error.message : 'Something went wrong here.';
    const title = 'Sign-in failed';
    response.status(expectedError ? 400 : (error.status ?? 500));
    response.send(presentNotice({ title, message, publicUrl, nonce: response.locals.nonce }));
  });

  return app;

  function answer(person: LocalPerson, inResponseTo: string, serviceProvider: ServiceProvider): string {
    const claims = claimResponse({
      inResponseTo,
      destination: serviceProvider.acsUrl,
      issuer: options.issuer,
      audience: serviceProvider.entityId,
      nameId: person.nameId,
      attributes: { email: [person.email], name: [person.name], groups: person.providerGroups },
    });
    const { privateKey, certificate } = options.key;
    return signResponse({ xml: buildResponse(claims), privateKey, certificate });
  }

  function protectPages(_request: Request, response: Response, next: NextFunction): void {
    const nonce = randomBytes(16).toString('base64');
    response.locals.nonce = nonce;
    const policy = [
      "default-src 'none'",
      `style-src 'nonce-${nonce}'`,
      `script-src 'nonce-${nonce}'`,
      `form-action 'self' ${formTargets.join(' ')}`,
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ];
    response.set({
      'Content-Security-Policy': policy.join('; '),
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    });
    next();
  }
}
