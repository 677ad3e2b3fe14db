// A real cluster for tests, where there is one.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Paperlift } from '../support/paperlift.ts';
import { waitFor } from '../support/wait.ts';

/** URLs of its nodes. */
export const openSearchUrl = process.env.OPENSEARCH_TEST_URL;

/** Of a deployment with an index of its own. */
export const openSearchEnv = (more: Record<string, string> = {}): Record<string, string> => ({
  SEARCH_ENGINE: 'opensearch',
  OPENSEARCH_URL: openSearchUrl ?? '',
  OPENSEARCH_INDEX: `test-${randomUUID()}`,
  OPENSEARCH_REPLICAS: '0',
  ...more,
});

/** The API as someone searches by it. */
export function searcher({ agent }: Awaited<ReturnType<Paperlift['signIn']>>) {
  /** The best lines in their order, with what was found between brackets. */
  async function find(q: string): Promise<string[]> {
    const answer = await agent.get(`/api/v1/search?${new URLSearchParams({ q })}`);
    assert.equal(answer.status, 200, answer.text);
    return answer.body.items.map(({ line }: { line: { text: string; found: boolean }[] }) =>
      line.map(({ text, found }) => (found ? `[${text}]` : text)).join(''),
    );
  }

  /** Waits until exactly this is found, in this order. */
  async function finds(q: string, expected: string[]) {
    let found: string[] = [];
    const isFound = async () => {
      found = await find(q);
      return JSON.stringify(found) === JSON.stringify(expected) || undefined;
    };
    await waitFor(q, isFound, 20_000).catch(() => assert.deepEqual(found, expected, q));
  }

  return { find, finds };
}
