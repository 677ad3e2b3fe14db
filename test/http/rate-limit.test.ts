import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import request from 'supertest';
import { createApp } from '../../src/app.ts';
import type { Documents } from '../../src/aws/clients.ts';
import { createSharedRates } from '../../src/aws/shared-rate.store.ts';
import { compose } from '../../src/compose.ts';
import { createTokenBuckets } from '../../src/http/token-buckets.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { textJpeg } from '../support/images.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { addPrivateProject } from '../support/private-project.ts';

describe('V2.4.1 a bucket', () => {
  let time = 0;
  const make = (options: { perMinute: number; maxKeys?: number }) =>
    createTokenBuckets({ ...options, clock: () => time });

  test('lets so many through at once, then one each time its share of the minute has passed', () => {
    const { take } = make({ perMinute: 6 });
    for (let count = 0; count < 6; count += 1) assert.equal(take('a'), 0);
    assert.equal(take('a'), 10);
    assert.equal(take('b'), 0, 'somebody else is not counted in');
    time += 9_000;
    assert.equal(take('a'), 1, 'asking in vain costs nothing');
    time += 1_000;
    assert.equal(take('a'), 0);
    assert.equal(take('a'), 10);
    time += 3_600_000;
    for (let count = 0; count < 6; count += 1) assert.equal(take('a'), 0);
    assert.equal(take('a'), 10, 'an hour of silence saves up no more than a minute’s worth');
  });

  test('is forgotten when a million others ask, but nobody who keeps asking is', () => {
    const buckets = make({ perMinute: 1, maxKeys: 100 });
    assert.equal(buckets.take('busy'), 0);
    for (let index = 0; index < 1_000; index += 1) {
      buckets.take(`other-${index}`);
      assert.notEqual(buckets.take('busy'), 0);
    }
    assert.equal(buckets.size, 100);
  });

  test('without a limit holds nothing back', () => {
    const buckets = make({ perMinute: 0 });
    for (let count = 0; count < 10_000; count += 1) assert.equal(buckets.take('a'), 0);
    assert.equal(buckets.size, 0);
  });
});

test('V2.4.1 what a clock an hour ahead wrote is ignored, also where the database says what it holds', async () => {
  const time = Date.now();
  const answers = [
    { Attributes: { usedUntil: time + 6000 } },
    // DynamoDB returns the item on which a condition failed; dynalite does not
    { name: 'ConditionalCheckFailedException', Item: { usedUntil: { N: String(time + 3_600_000) } } },
    { Attributes: { usedUntil: time + 6000 } },
  ];
  const documents = {
    async update() {
      const answer = answers.shift();
      if (answer?.name) throw Object.assign(new Error(), answer);
      return answer;
    },
  } as unknown as Documents;
  const rates = createSharedRates({ documents, table: 't', now: () => new Date(time) });
  const take = () => rates.take({ kind: 'upload', key: 'a', perMinute: 10, count: 1 });
  assert.deepEqual([await take(), await take()], [0, 0]);
  assert.deepEqual(answers, []);
});

describe('V2.4.1 limits', () => {
  let paperlift: Paperlift;
  /** Another instance of the app on the same database. */
  let other: { url: string; stop: () => Promise<void> };
  before(async () => {
    paperlift = await startPaperlift({
      env: {
        SIGN_INS_PER_MINUTE: '10',
        UPLOADS_PER_MINUTE: '2',
        DETECTIONS_PER_MINUTE: '2',
        EXPORTS_PER_MINUTE: '2',
        SEARCHES_PER_MINUTE: '2',
        TRUSTED_PROXIES: 'loopback',
      },
      databaseFaults: true,
    });
    other = await startInstance(paperlift);
  });
  after(async () => {
    await other.stop();
    await paperlift.stop();
  });

  const postFrom = (address: string) =>
    request(paperlift.url).post('/auth/saml/acs').set('X-Forwarded-For', address).type('form').send({});

  test('sign-ins, by the address that a trusted proxy names; an IPv6 network is one', async () => {
    for (let count = 0; count < 10; count += 1) {
      assert.equal((await postFrom(`2001:db8:0:1::${count + 1}`)).status, 400);
    }
    const refused = await postFrom('2001:db8:0:1:ffff::9');
    assert.equal(refused.status, 429);
    assert.match(refused.headers['retry-after'] ?? '', /^[1-6]$/);
    assert.match(refused.text, /too-many-requests/);
    assert.match(refused.headers['content-security-policy'] ?? '', /default-src 'none'/);
    assert.equal((await postFrom('2001:db8:0:2::1')).status, 400, 'the network next door');
    const login = request(paperlift.url).get('/auth/login').set('X-Forwarded-For', '2001:db8:0:1::1');
    assert.equal((await login).status, 429, 'another trip to the provider is a try, too');
    const metadata = request(paperlift.url).get('/health/live').set('X-Forwarded-For', '2001:db8:0:1::1');
    assert.equal((await metadata).status, 200);
  });

  test('count for all instances together, and say when to try again', async () => {
    const postTo = (url: string) =>
      request(url).post('/auth/saml/acs').set('X-Forwarded-For', '192.0.2.1').type('form').send({});
    const statuses: number[] = [];
    for (let count = 0; count < 12; count += 1) {
      const answer = await postTo(count % 2 === 0 ? paperlift.url : other.url);
      statuses.push(answer.status);
      if (answer.status === 429) assert.match(answer.headers['retry-after'] ?? '', /^[1-6]$/);
    }
    assert.deepEqual(statuses, [...Array(10).fill(400), 429, 429]);
  });

  test('lock nobody out for long after an instance whose clock is an hour ahead counted', async () => {
    const ahead = await startInstance(paperlift, { now: () => new Date(Date.now() + 3_600_000) });
    try {
      const post = (url: string) =>
        request(url).post('/auth/saml/acs').set('X-Forwarded-For', '192.0.2.3').type('form').send({});
      assert.equal((await post(ahead.url)).status, 400);
      const statuses: number[] = [];
      for (let count = 0; count < 11; count += 1) statuses.push((await post(paperlift.url)).status);
      assert.deepEqual(statuses, [...Array(10).fill(400), 429]);
    } finally {
      await ahead.stop();
    }
  });

  test('hold for each process alone while the database does not answer', async () => {
    const fault = { kind: 'reset' } as const;
    const end = paperlift.database.when('UpdateItem', fault);
    try {
      const answers = await Promise.all(Array.from({ length: 11 }, () => postFrom('192.0.2.2')));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(10).fill(400), 429]);
    } finally {
      end();
    }
  });

  test('V4.1.3 of several addresses in X-Forwarded-For the one that the proxy saw counts, not what the client wrote', async () => {
    for (let count = 0; count < 10; count += 1) await postFrom(`10.${count}.0.1, 198.51.100.7`);
    assert.equal((await postFrom('10.99.0.1, 198.51.100.7')).status, 429);
  });

  test('uploads, reading again, searches and exports, by person, and the same by page and by API', async () => {
    const alice = await paperlift.signIn('alice@example.com');
    const bob = await paperlift.signIn('bob@example.com');
    const image = await textJpeg(['x'], { width: 100, height: 80 });
    const attempts = {
      async uploads({ agent, csrfToken }: typeof alice, email: string) {
        const { projectId, pageId } = await addPrivateProject(paperlift, email);
        const by = (method: 'post' | 'put', path: string) =>
          agent[method](path).set('x-csrf-token', csrfToken).attach('files', image, 'a.jpg');
        return [
          await by('post', `/api/v1/projects/${projectId}/pages`),
          await by('put', `/api/v1/projects/${projectId}/pages/${pageId}/image`),
          await by('post', `/projects/${projectId}/pages`),
          await by('post', `/API/v1/projects/${projectId}/pages/`),
        ];
      },
      async detections({ agent, csrfToken }: typeof alice, email: string) {
        const { projectId, pageId } = await addPrivateProject(paperlift, email);
        const page = `/api/v1/projects/${projectId}/pages/${pageId}`;
        const change = (body: object) => agent.patch(page).set('x-csrf-token', csrfToken).send(body);
        assert.equal(
          (await change({ number: 1, rotation: 90 })).status,
          200,
          'moving and turning cost nothing',
        );
        return [
          await agent.post(`${page}/retry`).set('x-csrf-token', csrfToken),
          await agent.post(`${page}/retry`).set('x-csrf-token', csrfToken),
          await agent.post(`/projects/${projectId}/pages/${pageId}/retry`).set('x-csrf-token', csrfToken),
          await agent.post(`${page}/retry`).set('x-csrf-token', csrfToken),
        ];
      },
      async searches({ agent }: typeof alice) {
        const api = '/api/v1/search?q=total';
        return [
          await agent.get(api),
          await agent.get('/search?q=total'),
          await agent.get(api),
          await agent.get(api),
        ];
      },
      async exports({ agent, csrfToken }: typeof alice, email: string) {
        const { projectId } = await addPrivateProject(paperlift, email);
        const by = (path: string) => agent.post(path).set('x-csrf-token', csrfToken).send({ format: 'txt' });
        const api = `/api/v1/projects/${projectId}/exports`;
        return [await by(api), await by(api), await by(`/projects/${projectId}/exports`), await by(api)];
      },
    };
    for (const [what, attempt] of Object.entries(attempts)) {
      const answers = await attempt(alice, 'alice@example.com');
      const tooMany = answers.map(({ status }) => status === 429);
      assert.deepEqual(tooMany, [false, false, true, true], what);
      assert.equal(answers[3]?.body.code, 'too-many-requests', what);
      assert.match(answers[3]?.headers['retry-after'] ?? '', /^\d+$/, what);
      const [bobs] = await attempt(bob, 'bob@example.com');
      assert.notEqual(bobs?.status, 429, `${what}: Bob has his own`);
    }
  });
});

async function startInstance({ config }: Paperlift, { now }: { now?: () => Date } = {}) {
  const logger = createLogger({ level: 'silent' });
  const services = compose(config, { logger, ...(now ? { now } : {}) });
  const server = createServer(createApp(services));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      services.destroy();
    },
  };
}

test('V4.1.3 without a trusted proxy a forged X-Forwarded-For makes nobody a newcomer', async () => {
  const paperlift = await startPaperlift({ env: { SIGN_INS_PER_MINUTE: '3' } });
  try {
    const statuses = [];
    for (let count = 0; count < 5; count += 1) {
      const call = request(paperlift.url).post('/auth/saml/acs').set('X-Forwarded-For', `203.0.113.${count}`);
      statuses.push((await call.type('form').send({})).status);
    }
    assert.deepEqual(statuses, [400, 400, 400, 429, 429]);
  } finally {
    await paperlift.stop();
  }
});
