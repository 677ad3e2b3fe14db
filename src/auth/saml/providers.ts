// The identity providers with their metadata, which is refreshed regularly, so that a new signing certificate is known
// before it is used.
import { readFile } from 'node:fs/promises';
import type { SamlProvider } from '../../config/provider.config.ts';
import { PaperliftError } from '../../errors.ts';
import type { InFlight } from '../../runtime/in-flight.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { ProviderMetadata } from './metadata.ts';
import { describeFailure, fetchMetadata } from './metadata-download.ts';

interface Dependencies {
  providers: SamlProvider[];
  inFlight: Pick<InFlight, 'track'>;
  logger: Logger;
  now: () => Date;
}

const retryMs = 60_000;
/** Without any metadata no one can sign in. */
const firstRetryMs = 5000;
/**
 * The interval of refreshes caused by unknown certificates, so that forged responses do not cause a flood of requests.
 */
const rereadMs = 30_000;

interface Loaded {
  metadata?: ProviderMetadata;
  /** When it is refreshed next, in milliseconds. */
  nextAt: number;
  /** When it was last refreshed because of an unknown certificate, in milliseconds. */
  rereadAt?: number;
  /** Why the last refresh failed, for people. */
  failure?: string | undefined;
  loading?: Promise<void>;
}

export function createProviders({ providers, inFlight, logger, now }: Dependencies) {
  const loaded = new Map<string, Loaded>();

  /**
   * The last metadata stays valid while it cannot be refreshed, so that an outage of the provider's metadata locks no
   * one out.
   */
  async function load(provider: SamlProvider, state: Loaded) {
    const { metadata } = provider;
    try {
      const xml = metadata?.url
        ? await fetchMetadata(metadata.url)
        : await readFile(metadata?.file ?? '', 'utf8');
      const { readProviderMetadata } = await import('./metadata.ts');
      state.metadata = await readProviderMetadata(xml, provider.idpIssuer);
      state.nextAt = now().getTime() + (metadata?.refreshMs ?? 0);
      state.failure = undefined;
    } catch (error) {
      state.nextAt = now().getTime() + (state.metadata ? retryMs : firstRetryMs);
      state.failure = describeFailure(error);
      logger.warn({ err: error, providerId: provider.id }, 'could not read the provider’s metadata');
    }
  }

  function stateOf({ id }: SamlProvider): Loaded {
    const state = loaded.get(id) ?? { nextAt: 0 };
    loaded.set(id, state);
    return state;
  }

  function read(provider: SamlProvider, state: Loaded): Promise<void> {
    state.loading ??= inFlight.track(load(provider, state)).finally(() => {
      state.loading = undefined;
    });
    return state.loading;
  }

  async function complete(provider: SamlProvider): Promise<SamlProvider> {
    if (!provider.metadata) return provider;
    const state = stateOf(provider);
    if (now().getTime() >= state.nextAt) void read(provider, state);
    if (!state.metadata) await state.loading;
    const isUsable = provider.entryPoint && provider.certificates.length > 0;
    if (!state.metadata && !isUsable) throw metadataUnavailable(provider, state.failure);
    return withMetadata(provider, state);
  }

  function withMetadata(provider: SamlProvider, state: Loaded): SamlProvider {
    return {
      ...provider,
      entryPoint: provider.entryPoint || (state.metadata?.entryPoint ?? ''),
      logoutUrl: provider.logoutUrl ?? state.metadata?.logoutUrl,
      certificates: [...provider.certificates, ...(state.metadata?.certificates ?? [])],
    };
  }

  const findBy = async (matches: (provider: SamlProvider) => boolean) => {
    const provider = providers.find(matches);
    return provider && (await complete(provider));
  };

  return {
    /** Id and name of each, in the order of the configuration. */
    list: () => providers.map(({ id, name }) => ({ id, name })),
    find: (id: string) => findBy((provider) => provider.id === id),
    findByIssuer: (issuer: string) => findBy(({ idpIssuer }) => idpIssuer === issuer),
    /**
     * The provider with refreshed metadata, after a signature that matches no known certificate. `undefined` when it
     * was just refreshed, or has not changed.
     */
    async reread({ id }: SamlProvider): Promise<SamlProvider | undefined> {
      const provider = providers.find((each) => each.id === id);
      if (!provider?.metadata) return undefined;
      const state = stateOf(provider);
      const time = now().getTime();
      if (state.rereadAt !== undefined && time - state.rereadAt < rereadMs) return undefined;
      state.rereadAt = time;
      const before = state.metadata?.certificates.join();
      await read(provider, state);
      return state.metadata?.certificates.join() === before ? undefined : withMetadata(provider, state);
    },
    /** The provider configured for the email address's domain. */
    findByEmail: async (email: string) => {
      const domain = email.trim().toLowerCase().split('@')[1];
      return providers.find(({ mailDomains }) => domain !== undefined && mailDomains.includes(domain));
    },
  };
}

export type Providers = ReturnType<typeof createProviders>;

function metadataUnavailable({ name }: SamlProvider, failure = 'it was not read yet') {
  return new PaperliftError('unavailable', {
    code: 'provider-metadata-unavailable',
    message: `You can’t sign in with ${name}, because the metadata of this identity provider is not available: ${failure}.`,
    hint: 'Wait a minute, then try again. If it happens again, contact your IT service desk.',
    retryAfterSeconds: firstRetryMs / 1000,
  });
}
