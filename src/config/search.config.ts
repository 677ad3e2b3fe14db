// Which engine searches, and how OpenSearch is reached where it is that.
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { isLoopback } from './loopback.ts';

export const searchVariables = {
  SEARCH_ENGINE: z.enum(['embedded', 'opensearch']).default('embedded'),
  OPENSEARCH_URL: z.string().optional(),
  OPENSEARCH_INDEX: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,60}$/, 'must be lower-case letters, digits, hyphens and underscores')
    .default('paperlift'),
  OPENSEARCH_AUTH: z.enum(['none', 'basic', 'sigv4']).default('none'),
  OPENSEARCH_USERNAME: z.string().optional(),
  OPENSEARCH_PASSWORD: z.string().optional(),
  OPENSEARCH_PASSWORD_FILE: z.string().optional(),
  OPENSEARCH_SERVICE: z.enum(['es', 'aoss']).default('es'),
  OPENSEARCH_ALLOW_HTTP: z.stringbool().default(false),
  OPENSEARCH_SHARDS: z.coerce.number().int().min(1).max(100).default(1),
  OPENSEARCH_REPLICAS: z.coerce.number().int().min(0).max(10).default(1),
};

type SearchVariables = z.infer<z.ZodObject<typeof searchVariables>>;

type OpenSearchAuth =
  | { kind: 'none' }
  | { kind: 'basic'; username: string; password: string }
  | { kind: 'sigv4'; service: 'es' | 'aoss' };

/** `undefined` for the embedded engine. Adds mistakes. */
export function readOpenSearchSettings(env: SearchVariables, mistakes: string[]) {
  if (env.SEARCH_ENGINE === 'embedded') return undefined;
  const nodes = (env.OPENSEARCH_URL ?? '').split(/[\s,]+/).filter(Boolean);
  if (nodes.length === 0) mistakes.push('OPENSEARCH_URL: is missing');
  for (const node of nodes) {
    const mistake = findMistake(node, env);
    if (mistake) mistakes.push(`OPENSEARCH_URL: ${mistake}`);
  }
  return {
    nodes,
    index: env.OPENSEARCH_INDEX,
    auth: readAuth(env, mistakes),
    shards: env.OPENSEARCH_SHARDS,
    replicas: env.OPENSEARCH_REPLICAS,
  };
}

export type OpenSearchSettings = NonNullable<ReturnType<typeof readOpenSearchSettings>>;

function findMistake(node: string, { OPENSEARCH_ALLOW_HTTP: allowsHttp }: SearchVariables) {
  const url = URL.parse(node);
  if (!url || !/^https?:$/.test(url.protocol)) return `"${node}" is not an https URL`;
  if (url.username || url.password)
    return 'must not hold a password; use OPENSEARCH_USERNAME and OPENSEARCH_PASSWORD';
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !allowsHttp)
    return `${url.origin} must be https, except on localhost; OPENSEARCH_ALLOW_HTTP=true allows it in a private network`;
  return undefined;
}

function readAuth(env: SearchVariables, mistakes: string[]): OpenSearchAuth {
  if (env.OPENSEARCH_AUTH === 'none') return { kind: 'none' };
  if (env.OPENSEARCH_AUTH === 'sigv4') return { kind: 'sigv4', service: env.OPENSEARCH_SERVICE };
  const password = env.OPENSEARCH_PASSWORD ?? readPasswordFile(env.OPENSEARCH_PASSWORD_FILE, mistakes);
  if (!env.OPENSEARCH_USERNAME) mistakes.push('OPENSEARCH_USERNAME: is missing for OPENSEARCH_AUTH=basic');
  if (!password) mistakes.push('OPENSEARCH_PASSWORD: is missing for OPENSEARCH_AUTH=basic');
  return { kind: 'basic', username: env.OPENSEARCH_USERNAME ?? '', password: password ?? '' };
}

function readPasswordFile(file: string | undefined, mistakes: string[]): string | undefined {
  if (!file) return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    mistakes.push(`OPENSEARCH_PASSWORD_FILE: ${(error as Error).message}`);
    return undefined;
  }
}
