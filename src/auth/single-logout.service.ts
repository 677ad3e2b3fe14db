// SAML single logout in both directions (saml-profiles 4.4): the provider ends sessions here, and signing out here
// ends the provider's session.
import type { Config } from '../config/config.ts';
import { personIdOf } from '../people/person.ts';
import type { Logger } from '../runtime/logger.ts';
import type { AccountService } from './account.service.ts';
import type { FormerAccounts } from './former-accounts.ts';
import type { PersonSessionStore, ProviderSession } from './person-sessions.store.ts';
import type { Providers } from './saml/providers.ts';
import type { SamlStore } from './saml.store.ts';
import {
  LogoutRefused,
  readLogoutRequest,
  readLogoutResponse,
  readPostedLogout,
  verifyLogout,
} from './single-logout.guard.ts';
import { buildLogoutRequest, buildLogoutResponse } from './single-logout.messages.ts';

interface Dependencies {
  saml: Pick<Config['saml'], 'spEntityId' | 'sloUrl' | 'signing' | 'clockSkewMs'>;
  providers: Pick<Providers, 'find' | 'findByIssuer' | 'reread'>;
  store: Pick<SamlStore, 'saveRequest' | 'findRequest' | 'consumeRequest' | 'useAssertion'>;
  personSessions: Pick<PersonSessionStore, 'endOfProvider'>;
  account: Pick<AccountService, 'endAllOf'>;
  formerAccounts: Pick<FormerAccounts, 'accountOf'>;
  logger: Logger;
  now: () => Date;
}

/** A form that the browser posts to the provider. */
export interface LogoutForm {
  action: string;
  field: 'SAMLRequest' | 'SAMLResponse';
  value: string;
  relayState?: string | undefined;
}

/** Marks pending logout requests, so that no response to a sign-in can answer one. */
const ofLogout = 'logout';
const rememberedMs = 15 * 60_000;

export function createSingleLogoutService(dependencies: Dependencies) {
  const { saml, providers, store, personSessions, account, formerAccounts, logger, now } = dependencies;

  const envelopeFor = (destination: string | undefined) =>
    saml.signing && destination
      ? { destination, spEntityId: saml.spEntityId, privateKey: saml.signing.privateKey, now: now() }
      : undefined;

  async function endSessions(
    providerId: string,
    issuer: string,
    request: ReturnType<typeof readLogoutRequest>,
  ) {
    const { nameId, sessionIndexes } = request;
    const personId = await formerAccounts.accountOf(personIdOf(issuer, nameId));
    if (sessionIndexes.length === 0) {
      const isKnown = await account.endAllOf(personId);
      logger.info({ providerId, personId, isKnown }, 'signed out everywhere by the identity provider');
      return isKnown;
    }
    let ended = 0;
    for (const sessionIndex of sessionIndexes) {
      ended += await personSessions.endOfProvider({ providerId, nameId, sessionIndex });
    }
    logger.info({ providerId, personId, sessions: ended }, 'signed out by the identity provider');
    return ended > 0;
  }

  return {
    /** Handles a posted logout message. Returns the form of the answer, if there is one. Throws LogoutRefused. */
    async receive(body: unknown, query: unknown): Promise<LogoutForm | undefined> {
      const { kind, issuer, message } = await readPostedLogout(body, query);
      const provider = await providers.findByIssuer(issuer);
      if (!provider) throw new LogoutRefused('provider-unknown', issuer.slice(0, 200));
      const { sloUrl, clockSkewMs } = saml;
      const context = { sloUrl, clockSkewMs, now: now() };
      const root = await verifyLogout(message, { ...context, provider }).catch(async (error) => {
        const isUnknown = error instanceof LogoutRefused && error.code === 'signature-invalid';
        const renewed = isUnknown ? await providers.reread(provider) : undefined;
        if (!renewed) throw error;
        return verifyLogout(message, { ...context, provider: renewed });
      });

      if (kind === 'LogoutResponse') {
        const { inResponseTo, status } = readLogoutResponse(root);
        const pending = await store.findRequest(inResponseTo);
        const isOurs = pending?.browserHash === ofLogout && pending.providerId === provider.id;
        if (!isOurs || !(await store.consumeRequest(inResponseTo))) {
          throw new LogoutRefused('logout-request-unknown', inResponseTo.slice(0, 100));
        }
        logger.info(
          { providerId: provider.id, status },
          'the identity provider responded to the logout request',
        );
        return undefined;
      }

      const request = readLogoutRequest(root);
      const notOnOrAfter = new Date(now().getTime() + rememberedMs);
      if (!(await store.useAssertion({ issuer, assertionId: request.id, notOnOrAfter }))) {
        throw new LogoutRefused('logout-used-before');
      }
      const isKnown = await endSessions(provider.id, issuer, request);
      const envelope = envelopeFor(provider.logoutUrl);
      if (!envelope) return undefined;
      const { value } = buildLogoutResponse({ inResponseTo: request.id, isKnown }, envelope);
      const { RelayState } = body as { RelayState?: unknown };
      const relayState = typeof RelayState === 'string' && RelayState.length <= 1000 ? RelayState : undefined;
      return { action: envelope.destination, field: 'SAMLResponse', value, relayState };
    },

    /** The form that ends the provider's session, if the provider supports it and a signing key is configured. */
    async begin(session: ProviderSession | undefined): Promise<LogoutForm | undefined> {
      // without the provider's metadata, the session here still ends
      const provider = session && (await providers.find(session.providerId).catch(() => undefined));
      const envelope = envelopeFor(provider?.logoutUrl);
      if (!session || !provider || !envelope) return undefined;
      const { id, value } = buildLogoutRequest(session, envelope);
      await store.saveRequest({ requestId: id, browserHash: ofLogout, providerId: provider.id });
      return { action: envelope.destination, field: 'SAMLRequest', value };
    },
  };
}

export type SingleLogoutService = ReturnType<typeof createSingleLogoutService>;
