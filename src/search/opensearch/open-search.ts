// Puts OpenSearch together. Loaded only where it is configured.
import type { Documents } from '../../aws/clients.ts';
import type { DefaultLanguages } from '../../pages/language-of-page.ts';
import type { IndexedTexts } from '../indexed-texts.store.ts';
import { createBulkWrites } from './bulk-writes.ts';
import { createIndexes } from './indexes.ts';
import { createOpenSearchClient, type OpenSearchAddress } from './opensearch.client.ts';
import { createOpenSearchEngine } from './opensearch.engine.ts';
import { createOpenSearchFollower } from './opensearch.store.ts';
import { createRebuild } from './rebuild.ts';

interface Dependencies {
  settings: Omit<OpenSearchAddress, 'region'> & { index: string; shards: number; replicas: number };
  region: string;
  documents: Documents;
  table: string;
  indexed: IndexedTexts;
  defaultLanguages: DefaultLanguages;
  now: () => Date;
}

export function openSearch({ settings, region, ...rest }: Dependencies) {
  const { nodes, auth, index: alias, shards, replicas } = settings;
  const client = createOpenSearchClient({ nodes, auth, region });
  const isServerless = auth.kind === 'sigv4' && auth.service === 'aoss';
  const indexes = createIndexes({ client, alias, options: { shards, replicas, isServerless } });
  const writeAll = createBulkWrites({ client, indexes });
  return {
    ...createOpenSearchFollower({ ...rest, writeAll }),
    ...createOpenSearchEngine({ client, indexes, alias }),
    rebuild: createRebuild({ ...rest, indexes, writeAll }),
    destroy: client.destroy,
  };
}
