// Writes and deletions of documents, many in one request. Each has a version: OpenSearch refuses one that is not newer than
// what it has, so that an older text never replaces a newer one.
import type { Indexes } from './indexes.ts';
import { type OpenSearchClient, OpenSearchError, searchUnavailable } from './opensearch.client.ts';

/** A document, or its deletion. */
export interface DocumentWrite {
  id: string;
  version: number;
  document: object | undefined;
}

interface Dependencies {
  client: Pick<OpenSearchClient, 'call'>;
  indexes: Pick<Indexes, 'aliases' | 'ensure'>;
}

/** Small instances of Amazon's take 10 MB. */
const maxRequestBytes = 5_000_000;
const bulkTimeoutMs = 20_000;

interface Outcome {
  _id: string;
  status: number;
  error?: { type: string; reason: string };
}

export function createBulkWrites({ client, indexes }: Dependencies) {
  /** Returns the outcomes of each document, but for aliases that do not exist. */
  async function send(writes: DocumentWrite[], aliases: string[]): Promise<Map<string, Outcome[]>> {
    const bulk = writes.flatMap(({ id, version, document }) =>
      aliases.flatMap((_index) => {
        // without the alias, OpenSearch would make an index of that name
        const address = { _index, _id: id, version, version_type: 'external', require_alias: true };
        return document ? [{ index: address }, document] : [{ delete: address }];
      }),
    );
    const answer = await client.call<{ items: Record<string, Outcome>[] }>({
      method: 'POST',
      path: '/_bulk',
      bulk,
      timeoutMs: bulkTimeoutMs,
    });
    const outcomes = answer.items.flatMap((item) => Object.values(item));
    return Map.groupBy(
      outcomes.filter(({ error }) => error?.type !== 'index_not_found_exception'),
      ({ _id }) => _id,
    );
  }

  /** `false`: no alias that it could be written to exists. */
  async function writeSome(some: DocumentWrite[], aliases: string[], refused: Set<string>): Promise<boolean> {
    const outcomes = await send(some, aliases);
    for (const { id } of some) {
      const own = outcomes.get(id);
      if (!own) return false;
      for (const outcome of own) {
        if (outcome.status === 409) refused.add(id);
        else if (outcome.error) throw failure(outcome);
      }
    }
    return true;
  }

  /**
   * To the index that is searched and to one that is being built, or to that alone. Returns the ids of those that are older
   * than what is there.
   */
  return async function writeAll(writes: DocumentWrite[], only?: 'building'): Promise<Set<string>> {
    const { searched, building } = indexes.aliases;
    const aliases = only ? [building] : [searched, building];
    const refused = new Set<string>();
    for (const some of split(writes, aliases.length)) {
      if (await writeSome(some, aliases, refused)) continue;
      if (!only) await indexes.ensure();
      if (only || !(await writeSome(some, aliases, refused)))
        throw searchUnavailable(new Error(`There is no index ${aliases}`));
    }
    return refused;
  };
}

/** Into requests that are not too large. */
function split(writes: DocumentWrite[], copies: number): DocumentWrite[][] {
  const requests: DocumentWrite[][] = [];
  let left = 0;
  for (const write of writes) {
    const size = copies * (write.document ? Buffer.byteLength(JSON.stringify(write.document)) + 300 : 300);
    if (size > left) {
      requests.push([]);
      left = maxRequestBytes;
    }
    requests.at(-1)?.push(write);
    left -= size;
  }
  return requests;
}

/** Overloaded shards and lost nodes are as good as an engine that is down: the write is repeated later. */
function failure({ _id, status, error }: Outcome): Error {
  const found = new OpenSearchError(status, error?.type ?? 'unknown', `${error?.reason} (document ${_id})`);
  return status === 429 || status >= 500 ? searchUnavailable(found) : found;
}
