// Calls to OpenSearch. Its own client spreads them over the nodes and repeats them on another node when one is gone.
import { Client, errors } from '@opensearch-project/opensearch';
import { AwsSigv4Signer } from '@opensearch-project/opensearch/aws-v3';
import { PaperliftError } from '../../errors.ts';

export interface OpenSearchAddress {
  /** The nodes' URLs. */
  nodes: string[];
  auth:
    | { kind: 'none' }
    | { kind: 'basic'; username: string; password: string }
    | { kind: 'sigv4'; service: 'es' | 'aoss' };
  /** For SigV4. */
  region: string;
}

export interface Call {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  body?: object;
  /** Lines of a bulk request. */
  bulk?: object[];
  querystring?: Record<string, string | number | boolean>;
  timeoutMs?: number;
}

/** An answer that is none: what was asked is wrong, or does not exist. */
export class OpenSearchError extends Error {
  override name = 'OpenSearchError';
  readonly status: number;
  readonly type: string;

  constructor(status: number, type: string, reason: string) {
    super(`OpenSearch answered ${status} ${type}: ${reason}`);
    this.status = status;
    this.type = type;
  }
}

const timeoutMs = 5000;
/** How long no call is made after one failed, so that requests do not wait for an engine that is down. */
const pauseMs = 3000;

export function createOpenSearchClient({ nodes, auth, region }: OpenSearchAddress) {
  const client = new Client({
    nodes,
    ...(auth.kind === 'basic' ? { auth: { username: auth.username, password: auth.password } } : {}),
    ...(auth.kind === 'sigv4' ? AwsSigv4Signer({ region, service: auth.service }) : {}),
    requestTimeout: timeoutMs,
    maxRetries: Math.max(2, nodes.length),
  });
  let pausedUntil = 0;
  let lastFailure: unknown;

  return {
    /** The body of the answer. Throws `unavailable` when the engine is down, and OpenSearchError when it refuses. */
    async call<T = Record<string, unknown>>({
      method,
      path,
      body,
      bulk,
      querystring,
      timeoutMs,
    }: Call): Promise<T> {
      if (performance.now() < pausedUntil) throw searchUnavailable(lastFailure);
      try {
        const answer = await client.transport.request(
          {
            method,
            path,
            ...(body ? { body } : {}),
            ...(bulk ? { bulkBody: bulk as Record<string, unknown>[] } : {}),
            ...(querystring ? { querystring } : {}),
          },
          timeoutMs ? { requestTimeout: timeoutMs } : {},
        );
        pausedUntil = 0;
        return answer.body as T;
      } catch (error) {
        const explained = explain(error);
        if (explained instanceof PaperliftError) {
          lastFailure = error;
          if (!(error instanceof errors.ResponseError)) pausedUntil = performance.now() + pauseMs;
        }
        throw explained;
      }
    },
    destroy() {
      void client.close();
    },
  };
}

export type OpenSearchClient = ReturnType<typeof createOpenSearchClient>;

/** Overloaded, restarting, or not letting Paperlift in: only time or an operator helps. */
const downStatuses = new Set([401, 403, 408, 429, 500, 502, 503, 504]);

function explain(error: unknown): unknown {
  if (error instanceof errors.ResponseError) {
    const status = error.statusCode ?? 500;
    if (downStatuses.has(status)) return searchUnavailable(error);
    const { type, reason } =
      (error.body as { error?: { type?: string; reason?: string } } | undefined)?.error ?? {};
    return new OpenSearchError(status, type ?? 'unknown', reason ?? error.message);
  }
  return error instanceof errors.OpenSearchClientError ? searchUnavailable(error) : error;
}

/** No one can search for now. What people change meanwhile is in the index later. */
export function searchUnavailable(cause: unknown): PaperliftError {
  return new PaperliftError('unavailable', {
    code: 'search-unavailable',
    message: 'Search is not available at present.',
    hint: 'The rest of Paperlift works. Try again in a minute. What you change meanwhile is found later.',
    retryAfterSeconds: 30,
    cause,
  });
}
