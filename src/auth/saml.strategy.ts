import {
  type CacheProvider,
  MultiSamlStrategy,
  type Profile,
  type SamlConfig,
  ValidateInResponseTo,
  type VerifiedCallback,
} from '@node-saml/passport-saml';
import type { Request } from 'express';
import type { Config } from '../config.ts';
import { readVerifiedAssertion, refusedSignIn } from './saml.guard.ts';
import { pendingRequestMs, type SamlStore } from './saml.store.ts';
import { hashOfBrowser } from './sign-in.cookie.ts';

interface Dependencies {
  saml: Config['saml'];
  store: SamlStore;
}

export type VerifiedSubject = ReturnType<typeof readVerifiedAssertion>;

/** node-saml's options, every one that its defaults leave weaker than saml-profiles 4.1 asks. */
function samlOptions(saml: Config['saml'], cacheProvider: CacheProvider): SamlConfig {
  return {
    callbackUrl: saml.acsUrl,
    entryPoint: saml.entryPoint,
    issuer: saml.spEntityId,
    audience: saml.spEntityId,
    idpIssuer: saml.idpIssuer,
    idpCert: saml.idpCertificate,
    wantAssertionsSigned: saml.wantAssertionSigned,
    wantAuthnResponseSigned: saml.wantResponseSigned,
    validateInResponseTo: ValidateInResponseTo.always,
    requestIdExpirationPeriodMs: pendingRequestMs,
    acceptedClockSkewMs: saml.clockSkewMs,
    maxAssertionAgeMs: 300_000,
    signatureAlgorithm: 'sha256',
    digestAlgorithm: 'sha256',
    identifierFormat: null,
    disableRequestedAuthnContext: true,
    cacheProvider,
  };
}

/**
 * Passport's strategy for the company's identity provider. A request to sign in is bound to the browser that made it,
 * and is used up only by a response that passed every check, so that a forged one cannot spoil a pending sign-in.
 */
export function createSamlStrategy({ saml, store }: Dependencies) {
  const cacheFor = (request: Request): CacheProvider => ({
    async saveAsync(requestId, instant) {
      await store.saveRequest(requestId, hashOfBrowser(request), instant);
      return { value: instant, createdAt: Date.now() };
    },
    async getAsync(requestId) {
      const pending = await store.findRequest(requestId);
      return pending?.browserHash === hashOfBrowser(request) ? pending.instant : null;
    },
    // node-saml also removes the request of a response that it refuses: verify() below does it for good ones only
    removeAsync: async () => null,
  });

  async function verify(
    profile: { getAssertion?(): Record<string, unknown>; inResponseTo?: unknown } | null,
  ) {
    if (!profile?.getAssertion) throw refusedSignIn('the response holds no assertion');
    const requestId = typeof profile.inResponseTo === 'string' ? profile.inResponseTo : undefined;
    const { idpIssuer, acsUrl } = saml;
    const subject = readVerifiedAssertion(profile.getAssertion(), { idpIssuer, acsUrl, requestId });
    if (!requestId || !(await store.consumeRequest(requestId)))
      throw refusedSignIn('replayed: the request is used up');
    if (!(await store.useAssertion(subject.assertionId, subject.notOnOrAfter))) {
      throw refusedSignIn('replayed: the assertion was used before');
    }
    return subject;
  }

  return new MultiSamlStrategy(
    { getSamlOptions: (request, done) => done(null, samlOptions(saml, cacheFor(request as Request))) },
    (profile: Profile | null, done: VerifiedCallback) => {
      verify(profile).then(
        (subject) => done(null, subject as unknown as Record<string, unknown>),
        (error: Error) => done(error),
      );
    },
    (_profile: Profile | null, done: VerifiedCallback) =>
      done(new Error('Logout messages are not accepted here')),
  );
}

export type SamlStrategy = ReturnType<typeof createSamlStrategy>;
