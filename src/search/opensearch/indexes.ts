// Which indexes there are. Searches go to one alias. A second alias marks an index that is being built. Every write goes to both
// aliases, so that the site runs while the index is rebuilt; the aliases are all the state there is.
import { type IndexOptions, indexSettings, layoutVersion } from './index-settings.ts';
import { type OpenSearchClient, OpenSearchError } from './opensearch.client.ts';

interface Dependencies {
  client: Pick<OpenSearchClient, 'call'>;
  /** The alias that is searched. */
  alias: string;
  options: IndexOptions;
}

const slowMs = 30_000;

export function createIndexes({ client, alias, options }: Dependencies) {
  const building = `${alias}-building`;

  async function nameOf(name: string): Promise<string | undefined> {
    const found = await unlessMissing(() => client.call({ method: 'GET', path: `/_alias/${name}` }));
    return Object.keys(found ?? {})[0];
  }

  /** Of several that make it at the same time, all get the same one. */
  async function create(name: string, aliases: string[]) {
    const body = {
      ...indexSettings(options),
      aliases: Object.fromEntries(aliases.map((each) => [each, {}])),
    };
    try {
      await client.call({ method: 'PUT', path: `/${name}`, body, timeoutMs: slowMs });
    } catch (error) {
      if (!(error instanceof OpenSearchError && error.type === 'resource_already_exists_exception'))
        throw error;
    }
  }

  return {
    aliases: { searched: alias, building },

    /** Makes the first index, where there is none. */
    async ensure(): Promise<void> {
      if (!(await nameOf(alias)) && !(await nameOf(building))) await create(`${alias}-1`, [alias]);
    },

    /** The index that is being built, and how far it is. Begins one where there is none. */
    async beginBuilding(): Promise<{ name: string; cursor: string | undefined }> {
      const searched = await nameOf(alias);
      const name = (await nameOf(building)) ?? `${alias}-${numberOf(searched) + 1}`;
      await create(name, [building]);
      const found = await client.call<Record<string, { mappings: { _meta?: { cursor?: string } } }>>({
        method: 'GET',
        path: `/${name}/_mapping`,
      });
      return { name, cursor: found[name]?.mappings._meta?.cursor };
    },

    /** Remembers in the index itself how far it is built. */
    async remember(name: string, cursor: string): Promise<void> {
      const body = { _meta: { layoutVersion, cursor } };
      await client.call({ method: 'PUT', path: `/${name}/_mapping`, body });
    },

    /** Has the built index searched instead of the one before, in one step, then deletes that one. */
    async swap(name: string): Promise<void> {
      if (!options.isServerless)
        await client.call({ method: 'POST', path: `/${name}/_refresh`, timeoutMs: slowMs });
      const before = await nameOf(alias);
      const actions = [
        ...(before ? [{ remove: { index: before, alias } }] : []),
        { add: { index: name, alias } },
        { remove: { index: name, alias: building } },
      ];
      await client.call({ method: 'POST', path: '/_aliases', body: { actions }, timeoutMs: slowMs });
      if (before)
        await unlessMissing(() => client.call({ method: 'DELETE', path: `/${before}`, timeoutMs: slowMs }));
    },
  };
}

export type Indexes = ReturnType<typeof createIndexes>;

const numberOf = (name: string | undefined) => Number(/-(\d+)$/.exec(name ?? '')?.[1] ?? 0);

async function unlessMissing<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof OpenSearchError && error.status === 404) return undefined;
    throw error;
  }
}
