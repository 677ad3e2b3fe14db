// What OpenSearch does wrong, by a server that answers as told. Everything else is tested against real nodes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, describe, test } from 'node:test';
import { isPaperliftError } from '../../src/errors.ts';
import { createBulkWrites } from '../../src/search/opensearch/bulk-writes.ts';
import {
  createOpenSearchClient,
  type OpenSearchAddress,
} from '../../src/search/opensearch/opensearch.client.ts';
import { createOpenSearchEngine } from '../../src/search/opensearch/opensearch.engine.ts';
import { readableBy } from '../../src/search/readable.ts';
import { readQuery } from '../../src/search/words.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { buildPerson } from '../support/session-of.ts';
import { addPage, addProject } from './stage.ts';

type Answer = { status: number; body: object } | 'silence' | 'cut';

let url: string;
let answers: Answer[] = [];
const asked: { url: string | undefined; headers: IncomingMessage['headers']; body: string }[] = [];
const server = createServer(async (request, response: ServerResponse) => {
  asked.push({ url: request.url, headers: request.headers, body: await text(request) });
  const answer = answers.length > 1 ? answers.shift() : answers[0];
  if (answer === 'silence' || answer === undefined) return;
  if (answer === 'cut') {
    request.socket.destroy();
    return;
  }
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
});

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked.length = 0;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const open = (auth: OpenSearchAddress['auth'] = { kind: 'none' }) =>
  createOpenSearchClient({ nodes: [url], auth, region: 'eu-central-1' });
const ask = (client = open(), timeoutMs = 10_000) =>
  client.call({ method: 'POST', path: '/texts/_search', body: {}, timeoutMs });
const isUnavailable = (error: unknown) => isPaperliftError(error, 'search-unavailable');

describe('a search', () => {
  for (const [what, answer] of Object.entries({
    'an overloaded engine': { status: 429, body: {} },
    'an engine without a leader': { status: 503, body: { error: { type: 'cluster_block_exception' } } },
    'a shard that failed': { status: 500, body: { error: { type: 'search_phase_execution_exception' } } },
    'a gateway that gives up': { status: 504, body: {} },
    'an engine that does not let Paperlift in': { status: 403, body: {} },
    'a connection that is cut': 'cut',
    'no answer in time': 'silence',
  } satisfies Record<string, Answer>))
    test(`of ${what} is not available at present`, async () => {
      answers = [answer];
      await assert.rejects(ask(open(), answer === 'silence' ? 300 : undefined), isUnavailable);
    });

  test('does not wait for an engine that did not answer just before', async () => {
    answers = ['cut'];
    const client = open();
    await assert.rejects(ask(client), isUnavailable);
    const count = asked.length;
    await assert.rejects(ask(client), isUnavailable);
    assert.equal(asked.length, count, 'the second call makes no request');
  });

  test('is repeated when a connection was cut, and answers', async () => {
    answers = ['cut', { status: 200, body: { hits: 1 } }];
    assert.deepEqual(await ask(), { hits: 1 });
  });

  test('takes no answer that lacks a part of the index', async () => {
    answers = [{ status: 200, body: { hits: { hits: [] } } }];
    const engine = createOpenSearchEngine({
      client: open(),
      indexes: { ensure: async () => {} },
      alias: 'texts',
    });
    const readable = readableBy(buildPerson('Ann'), []);
    const proposal = await engine.propose(readable, readQuery('word project:plans'));
    assert.deepEqual(await proposal.next(5), []);
    assert.equal(asked.length, 2, 'for the projects of this name, and for the texts');
    for (const { url = '' } of asked) assert.match(url, /[?&]allow_partial_search_results=false/);
  });

  test('that OpenSearch does not understand is an error of ours, and no outage', async () => {
    answers = [{ status: 400, body: { error: { type: 'parsing_exception', reason: 'unknown query' } } }];
    await assert.rejects(ask(), /parsing_exception: unknown query/);
  });
});

describe('a bulk write', () => {
  const indexes = { aliases: { searched: 'texts', building: 'texts-building' }, ensure: async () => {} };
  const missing = { type: 'index_not_found_exception', reason: 'no such index' };
  const outcome = (_id: string, status: number, error?: object) => ({ index: { _id, status, error } });
  const write = (...outcomes: object[]) => {
    answers = [{ status: 200, body: { errors: true, items: outcomes } }];
    const writes = [...new Set(outcomes.map((each) => (each as ReturnType<typeof outcome>).index._id))].map(
      (id) => ({ id, version: 7, document: { id } }),
    );
    return createBulkWrites({ client: open(), indexes })(writes);
  };

  test('of which a part failed is repeated as a whole', async () => {
    const full = { type: 'rejected_execution_exception', reason: 'the queue is full' };
    await assert.rejects(write(outcome('a', 201), outcome('b', 429, full)), isUnavailable);
  });

  test('names a document that OpenSearch does not take', async () => {
    const strict = { type: 'strict_dynamic_mapping_exception', reason: 'not allowed' };
    await assert.rejects(write(outcome('a', 201), outcome('b', 400, strict)), /not allowed \(document b\)/);
  });

  test('says which documents are older than those that are there', async () => {
    const conflict = { type: 'version_conflict_engine_exception', reason: 'version conflict' };
    assert.deepEqual([...(await write(outcome('a', 201), outcome('b', 409, conflict)))], ['b']);
  });

  test('goes to the one index where none is being built, and is lost by none where there is no index', async () => {
    assert.equal((await write(outcome('a', 201), outcome('a', 404, missing))).size, 0);
    await assert.rejects(write(outcome('a', 404, missing), outcome('a', 404, missing)), isUnavailable);
  });

  test('of many large documents is several requests, each below 10 MB, and none is left out', async () => {
    const large = 'x'.repeat(300_000);
    const writes = Array.from({ length: 40 }, (_, at) => ({ id: `${at}`, version: 1, document: { large } }));
    const items = writes.map(({ id }) => outcome(id, 201));
    answers = [{ status: 200, body: { items } }];
    assert.equal((await createBulkWrites({ client: open(), indexes })(writes)).size, 0);
    assert.ok(asked.length > 1 && asked.every(({ body }) => body.length < 6_000_000));
    const sent = asked.flatMap(({ body }) => [...body.matchAll(/"_id":"(\d+)"/g)].map(([, id]) => id));
    assert.deepEqual(new Set(sent), new Set(writes.map(({ id }) => id)));
  });
});

describe('a request', () => {
  test('is signed for the service that is named, by the credentials of the environment', async () => {
    answers = [{ status: 200, body: {} }];
    const credentials = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };
    const before = Object.keys(credentials).map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, credentials);
    try {
      for (const service of ['es', 'aoss'] as const) {
        await ask(open({ kind: 'sigv4', service }));
        const { authorization, 'x-amz-content-sha256': hash } = asked.at(-1)?.headers ?? {};
        assert.match(
          String(authorization),
          new RegExp(`^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\\d{8}/eu-central-1/${service}/aws4_request`),
        );
        assert.match(String(hash), /^[0-9a-f]{64}$/);
      }
    } finally {
      for (const [name, value] of before)
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
    }
  });

  test('has the user’s name and password', async () => {
    answers = [{ status: 200, body: {} }];
    await ask(open({ kind: 'basic', username: 'paperlift', password: 'p:ß' }));
    const expected = `Basic ${Buffer.from('paperlift:p:ß').toString('base64')}`;
    assert.equal(asked.at(-1)?.headers.authorization, expected);
  });
});

describe('while OpenSearch is down, the site', () => {
  let paperlift: Paperlift;
  let later = 0;
  before(async () => {
    paperlift = await startPaperlift({
      now: () => new Date(Date.now() + later),
      env: { SEARCH_ENGINE: 'opensearch', OPENSEARCH_URL: url, OPENSEARCH_INDEX: 'texts' },
    });
  });
  after(() => paperlift?.stop());

  test('says so with the query still in the box, and keeps what people change for later', async () => {
    answers = ['cut'];
    const { agent, csrfToken } = await paperlift.signIn('alice@example.com');
    const projectId = await addProject(paperlift, 'alice@example.com', 'Through thick and thin');
    const pageId = await addPage(paperlift, projectId, ['during the outage']);
    const api = await agent.get('/api/v1/search?q=outage');
    assert.deepEqual(
      [api.status, api.body.code, api.headers['retry-after']],
      [503, 'search-unavailable', '30'],
    );
    const page = await agent.get('/search?q=outage');
    assert.equal(page.status, 503);
    assert.match(page.text, /Search is not available at present/);
    assert.match(page.text, /value="outage"/);
    const corrected = await agent
      .patch(`/api/v1/projects/${projectId}/pages/${pageId}`)
      .set('x-csrf-token', csrfToken)
      .send({ lines: [{ id: 'l1', text: 'corrected while down' }] });
    assert.equal(corrected.status, 200, corrected.text);
    for (const path of [`/projects/${projectId}`, '/health/ready'])
      assert.equal((await agent.get(path)).status, 200, path);
    later = 2 * 3_600_000;
    const due = await paperlift.services.stores.dueItems.list('INDEX');
    later = 0;
    assert.ok(
      due.some((what) => what.pageId === pageId),
      'the sweeper follows',
    );
  });
});
