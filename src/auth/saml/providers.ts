// The identity providers with what their metadata says, read again from time to time, so that a new signing certificate
// is known before it is used.
import { readFile } from 'node:fs/promises';
import type { Logger } from '../../logger.ts';
import type { UnderWay } from '../../under-way.ts';
import type { ProviderMetadata } from './metadata.ts';
import type { SamlProvider } from './provider.config.ts';

interface Dependencies {
  providers: SamlProvider[];
  underWay: Pick<UnderWay, 'track'>;
  logger: Logger;
  now: () => Date;
}

const retryMs = 60_000;
const fetchTimeoutMs = 10_000;
const largestMetadata = 5 * 1024 * 1024;

interface Loaded {
  metadata?: ProviderMetadata;
  /** Milliseconds; when it is read again. */
  nextAt: number;
  loading?: Promise<void>;
}

export function createProviders({ providers, underWay, logger, now }: Dependencies) {
  const loaded = new Map<string, Loaded>();

  /** What was read last stays good while it cannot be read: a provider's outage of metadata locks nobody out. */
  async function load(provider: SamlProvider, state: Loaded) {
    const { metadata } = provider;
    try {
      const xml = metadata?.url
        ? await fetchMetadata(metadata.url)
        : await readFile(metadata?.file ?? '', 'utf8');
      const { readProviderMetadata } = await import('./metadata.ts');
      state.metadata = await readProviderMetadata(xml, provider.idpIssuer);
      state.nextAt = now().getTime() + (metadata?.refreshMs ?? 0);
    } catch (error) {
      state.nextAt = now().getTime() + retryMs;
      logger.warn({ err: error, providerId: provider.id }, 'could not read the provider’s metadata');
    }
  }

  async function complete(provider: SamlProvider): Promise<SamlProvider> {
    if (!provider.metadata) return provider;
    const state: Loaded = loaded.get(provider.id) ?? { nextAt: 0 };
    loaded.set(provider.id, state);
    if (now().getTime() >= state.nextAt) {
      state.loading ??= underWay.track(load(provider, state)).finally(() => {
        state.loading = undefined;
      });
    }
    if (!state.metadata) await state.loading;
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
    /** Name and id of each, in the order of the configuration. */
    list: () => providers.map(({ id, name }) => ({ id, name })),
    find: (id: string) => findBy((provider) => provider.id === id),
    findByIssuer: (issuer: string) => findBy(({ idpIssuer }) => idpIssuer === issuer),
    /** Whose people have mail addresses of that domain. */
    findByEmail: (email: string) => {
      const domain = email.trim().toLowerCase().split('@')[1];
      return findBy(({ mailDomains }) => domain !== undefined && mailDomains.includes(domain));
    },
  };
}

export type Providers = ReturnType<typeof createProviders>;

async function fetchMetadata(url: string): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(fetchTimeoutMs), redirect: 'error' });
  if (!answer.ok) throw new Error(`${url} responded with status ${answer.status}`);
  const text = await answer.text();
  if (text.length > largestMetadata) throw new Error(`${url} returned more than 5 MB`);
  return text;
}
