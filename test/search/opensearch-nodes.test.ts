// One of three nodes is killed while people search and pages are read. `npm run search:check` starts the nodes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import pMap from 'p-map';
import { composeWorker } from '../../src/compose-worker.ts';
import { startPaperlift } from '../support/paperlift.ts';
import { waitFor } from '../support/wait.ts';
import { openSearchEnv, openSearchUrl } from './opensearch-stage.ts';
import { addPage, addProject } from './stage.ts';

/** Of a node that may be killed. */
const pid = Number(process.env.OPENSEARCH_TEST_PID);
const skip = pid ? false : 'OPENSEARCH_TEST_PID is not set; npm run search:check starts three nodes';
const pageCount = 150;

test('a node of OpenSearch that is killed takes nothing with it, and no search shows only a part', {
  skip,
}, async (context) => {
  assert.equal(openSearchUrl?.split(',').length, 3);
  let later = 0;
  const paperlift = await startPaperlift({
    env: openSearchEnv({ OPENSEARCH_REPLICAS: '1', OPENSEARCH_SHARDS: '3', SEARCHES_PER_MINUTE: '0' }),
    now: () => new Date(Date.now() + later),
  });
  try {
    const email = 'alice@example.com';
    const { agent } = await paperlift.signIn(email);
    const projectId = await addProject(paperlift, email, 'Killed');
    const ask = (q: string, { cursor }: { cursor?: string | undefined } = {}) =>
      agent.get(`/api/v1/search?${new URLSearchParams({ q, ...(cursor ? { cursor } : {}) })}`);
    for (let at = 0; at < 5; at += 1) await addPage(paperlift, projectId, [`anchor ${at}`]);
    await waitFor('the anchors', async () => (await ask('anchor')).body.items.length === 5 || undefined);

    let isWriting = true;
    const answers: { status: number; count: number; ms: number }[] = [];
    const searching = (async () => {
      while (isWriting) {
        const since = performance.now();
        const { status, body } = await ask('anchor');
        answers.push({ status, count: body.items?.length ?? 0, ms: performance.now() - since });
      }
    })();
    await pMap(
      Array(pageCount).keys(),
      async (at) => {
        if (at === pageCount / 3) process.kill(pid, 'SIGKILL');
        await addPage(paperlift, projectId, [`plankton number${at}`]);
      },
      { concurrency: 4 },
    );
    isWriting = false;
    await searching;

    const refused = answers.filter(({ status }) => status === 503);
    const odd = answers.filter(({ status, count }) => status !== 503 && (status !== 200 || count !== 5));
    assert.deepEqual(odd, [], 'a search answers wholly, or says that it cannot');
    assert.ok(answers.length > 10 && answers.at(-1)?.status === 200, 'it searches again');

    const worker = composeWorker(paperlift.services);
    const due = async () => {
      later += 3_600_000;
      const left = (await paperlift.services.stores.dueItems.list('INDEX')).length;
      await worker.sweeper.sweep();
      return left;
    };
    const left = await due();
    await waitFor('all that is due', async () => (await due()) === 0 || undefined);
    await worker.stop(1000);
    later = 0;
    const countAll = async () => {
      const lines = new Set<string>();
      let cursor: string | undefined;
      do {
        const { body } = await ask('plankton', { cursor });
        for (const { line } of body.items) lines.add(line.map(({ text }: { text: string }) => text).join(''));
        cursor = body.cursor;
      } while (cursor);
      return lines.size;
    };
    let count = 0;
    await waitFor('every page', async () => {
      count = await countAll();
      return count === pageCount || undefined;
    }).catch(() => assert.equal(count, pageCount));
    const slowest = Math.max(...answers.map(({ ms }) => ms));
    context.diagnostic(
      `${answers.length} searches, ${refused.length} of them 503, the slowest ${slowest.toFixed(0)} ms; ${left} pages written by the sweeper`,
    );
  } finally {
    await paperlift.stop();
  }
});
