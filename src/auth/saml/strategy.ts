// Passport's strategy for the identity providers: node-saml, with every option whose default is weaker than
// saml-profiles 4.1 requires.
import {
  type CacheProvider,
  MultiSamlStrategy,
  type Profile,
  type SamlConfig,
  ValidateInResponseTo,
  type VerifiedCallback,
} from '@node-saml/passport-saml';
import type { Request } from 'express';
import type { Config } from '../../config/config.ts';
import type { SamlProvider } from '../../config/provider.config.ts';
import { pendingRequestMs, type SamlStore } from '../saml.store.ts';
import { hashOfBrowser } from '../sign-in.cookie.ts';
import { maxAssertionAgeMs } from './assertion.rules.ts';

interface Dependencies {
  saml: Omit<Config['saml'], 'providers'>;
  store: SamlStore;
}

/** The provider that a request concerns and, at the ACS, the AuthnRequest that it answers. */
interface Exchange {
  provider: SamlProvider;
  /** `undefined` when the provider started the sign-in and may do so. */
  requestId?: string;
}

/** node-saml's options. Without `exchange.requestId`: for a response that answers no request. */
export function samlOptions(
  saml: Dependencies['saml'],
  { provider, requestId }: Exchange,
  cacheProvider?: CacheProvider,
): SamlConfig {
  const isAnswer = requestId !== undefined || cacheProvider !== undefined;
  return {
    callbackUrl: saml.acsUrl,
    entryPoint: provider.entryPoint,
    issuer: saml.spEntityId,
    audience: saml.spEntityId,
    idpIssuer: provider.idpIssuer,
    idpCert: provider.certificates,
    wantAssertionsSigned: provider.wantAssertionSigned,
    wantAuthnResponseSigned: provider.wantResponseSigned,
    validateInResponseTo: isAnswer ? ValidateInResponseTo.always : ValidateInResponseTo.never,
    requestIdExpirationPeriodMs: pendingRequestMs,
    acceptedClockSkewMs: saml.clockSkewMs,
    maxAssertionAgeMs,
    signatureAlgorithm: 'sha256',
    digestAlgorithm: 'sha256',
    identifierFormat: null,
    disableRequestedAuthnContext: true,
    ...(saml.signing ? { privateKey: saml.signing.privateKey } : {}), // signs the AuthnRequest
    ...(provider.decryptionKey ? { decryptionPvk: provider.decryptionKey } : {}),
    ...(cacheProvider ? { cacheProvider } : {}),
  };
}

/**
 * A sign-in request is bound to its browser and its provider. The receiver uses it up, and only with a response that
 * passed every check, so that a forged one cannot spoil a pending sign-in.
 */
export function createSamlStrategy({ saml, store }: Dependencies) {
  const exchanges = new WeakMap<object, Exchange>();

  const cacheFor = (request: Request, { provider, requestId }: Exchange): CacheProvider => ({
    async saveAsync(id, instant) {
      const browserHash = hashOfBrowser(request);
      await store.saveRequest({ requestId: id, browserHash, providerId: provider.id });
      return { value: instant, createdAt: Date.now() };
    },
    // the receiver has checked that the request is pending and this browser's
    getAsync: async (id) => (id === requestId ? new Date().toISOString() : null),
    removeAsync: async () => null, // node-saml would also remove the request of a refused response
  });

  const strategy = new MultiSamlStrategy(
    {
      getSamlOptions(given, done) {
        const request = given as Request;
        const exchange = exchanges.get(request);
        if (!exchange) return done(new Error('no provider was selected for the request'));
        const isUnsolicited = request.method === 'POST' && exchange.requestId === undefined;
        done(null, samlOptions(saml, exchange, isUnsolicited ? undefined : cacheFor(request, exchange)));
      },
    },
    (profile: Profile | null, done: VerifiedCallback) =>
      done(null, { assertionXml: profile?.getAssertionXml?.() }),
    (_profile: Profile | null, done: VerifiedCallback) =>
      done(new Error('Logout messages are not accepted here')),
  );

  return {
    strategy,
    /** Must be called before the strategy sees the request. */
    chooseProvider: (request: Request, exchange: Exchange) => void exchanges.set(request, exchange),
  };
}

export type SamlStrategy = ReturnType<typeof createSamlStrategy>;
