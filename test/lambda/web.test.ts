// The application that production runs, as a function.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import express from 'express';
import { createApp } from '../../src/app.ts';
import { createXRaySigner } from '../../src/aws/xray-signer.ts';
import { compose } from '../../src/compose.ts';
import { loadConfig } from '../../src/config/config.ts';
import { createLambdaHandler } from '../../src/lambda/lambda-handler.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { startTracing } from '../../src/runtime/tracing.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { textJpeg } from '../support/images.ts';
import { ask, eventKinds, type GatewayRequest } from '../support/lambda/requests.ts';
import { createLogCapture } from '../support/log-capture.ts';
import { answerToRequest, type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { addPrivateProject } from '../support/private-project.ts';
import { buildForm } from '../support/raw-form.ts';
import { startTraceCollector } from '../support/trace-collector.ts';

const publicUrl = 'https://paperlift.example';
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const json = { 'content-type': 'application/json' };

let paperlift: Paperlift;
/** By how much the functions' clock is ahead: it goes on, as the provider's does. */
let aheadMs = 0;
before(async () => {
  paperlift = await startPaperlift({ env: { PUBLIC_URL: publicUrl } });
});
after(() => paperlift.stop());

type Kind = (typeof eventKinds)[string];
type Handler = ReturnType<typeof createLambdaHandler>;

/** Another web on the same stand-ins, as a function. `services` go through `proxies`. */
async function startFunction(env: Record<string, string> = {}) {
  const { standIns } = paperlift;
  const targets = { S3_ENDPOINT: '', SQS_ENDPOINT: '', DYNAMODB_ENDPOINT: '' };
  const proxies: FaultProxy[] = [];
  for (const name of Object.keys(targets) as (keyof typeof targets)[]) {
    const proxy = await startFaultProxy(standIns.env[name] as string);
    proxies.push(proxy);
    targets[name] = proxy.url;
  }
  const config = loadConfig({ ...standIns.env, PUBLIC_URL: publicUrl, ...targets, ...env });
  const logs = createLogCapture();
  const logger = createLogger({ level: 'info', destination: logs.destination });
  const tracer = await startTracing(config.traces, 'paperlift-web', logger, createXRaySigner);
  const services = compose(config, { logger, tracer, now: () => new Date(Date.now() + aheadMs) });
  const { settle } = services;
  return {
    services,
    logs,
    handler: createLambdaHandler({ app: createApp(services), logger, settle, flush: tracer?.flush }),
    calls: () => proxies.flatMap((proxy) => proxy.calls),
    storage: proxies[0] as FaultProxy,
    async stop() {
      services.destroy();
      await Promise.all(proxies.map((proxy) => proxy.stop()));
    },
  };
}

const pairsOf = (setCookies: string[]) => setCookies.map((line) => line.split('; ')[0] as string);

/** Signs in, and gives what a browser sends with everything after it. */
async function signIn(handler: Handler, kind: Kind) {
  const login = await ask(handler, kind, {
    path: '/auth/login?returnTo=%2Fprojects%3Fa%3D1%26b%3D%25C3%25A9',
  });
  const fields = await answerToRequest(login.headers.location as string, 'alice@example.com');
  const answer = await ask(handler, kind, {
    method: 'POST',
    path: '/auth/saml/acs',
    headers: { ...form, cookie: pairsOf(login.setCookies) },
    body: String(new URLSearchParams(fields)),
  });
  const cookie = pairsOf(answer.setCookies).find((pair) => pair.startsWith('__Host-paperlift=')) ?? '';
  const home = await ask(handler, kind, { path: '/', headers: { cookie } });
  const token = /name="_csrf" value="([^"]+)"/.exec(home.text)?.[1] ?? '';
  return { login, fields, answer, home, headers: { cookie, 'x-csrf-token': token } };
}

for (const name of ['an HTTP API', 'a REST API', 'a load balancer']) {
  const kind = eventKinds[name] as Kind;

  describe(`behind ${name}`, () => {
    let web: Awaited<ReturnType<typeof startFunction>>;
    before(async () => {
      web = await startFunction();
    });
    after(() => web.stop());
    const call = (asked: GatewayRequest) => ask(web.handler, kind, asked);

    test('somebody signs in with Secure cookies, and uses what only they may', async () => {
      const { login, fields, answer, home, headers } = await signIn(web.handler, kind);
      assert.match(login.setCookies.join(), /^__Host-paperlift-signin=.*Secure/);
      assert.equal(fields.RelayState, '/projects?a=1&b=%C3%A9');
      assert.equal(answer.status, 303);
      assert.equal(answer.headers.location, '/projects?a=1&b=%C3%A9');
      assert.match(answer.setCookies.join('\n'), /^__Host-paperlift=[^\n]*Secure/m);
      assert.equal(home.status, 200);
      assert.match(home.text, /alice@example\.com/);
      assert.equal((await call({ path: '/' })).headers.location, '/auth/login?returnTo=%2F');

      const post = { method: 'POST', path: '/api/v1/projects', body: JSON.stringify({ name: 'Größe' }) };
      assert.equal((await call({ ...post, headers: { ...json, cookie: headers.cookie } })).status, 403);
      const made = await call({ ...post, headers: { ...json, ...headers } });
      assert.equal(made.status, 201, made.text);
      const { id } = JSON.parse(made.text);

      const jpeg = await textJpeg(['Invoice 4711']);
      const body = buildForm([{ name: 'files', fileName: 'a.jpg', type: 'image/jpeg', body: jpeg }]);
      const type = `multipart/form-data; boundary=${/^--(.*)\r\n/.exec(body.toString('latin1'))?.[1]}`;
      const path = `/api/v1/projects/${id}`;
      const pages = { method: 'POST', path: `${path}/pages`, body };
      const uploaded = await call({ ...pages, headers: { ...headers, 'content-type': type } });
      assert.equal(uploaded.status, 201, uploaded.text);
      const page = await web.services.stores.pages.find(id, JSON.parse(uploaded.text).items[0].id);
      assert.equal(page?.sha256, createHash('sha256').update(jpeg).digest('hex'));
      const seen = await call({ path: `/projects/${id}`, headers });
      assert.match(seen.text, /Größe/);

      const removed = await call({ method: 'DELETE', path, headers });
      assert.deepEqual([removed.status, removed.body.length], [204, 0]);
      const gone = await call({ path, headers });
      assert.equal(gone.status, 404);
      assert.equal(gone.headers['content-type'], 'application/problem+json; charset=utf-8');
    });

    test('images arrive byte for byte; what a browser has already is not sent again', async () => {
      const { headers } = await signIn(web.handler, kind);
      const { projectId, pageId } = await addPrivateProject(paperlift, 'alice@example.com');
      const bytes = Buffer.from(Array.from({ length: 5000 }, (_, index) => index % 256));
      await paperlift.services.blobs.put('shared/image', bytes, 'image/jpeg');
      const image = await call({ path: `/projects/${projectId}/pages/${pageId}/image`, headers });
      assert.equal(image.headers['content-type'], 'image/jpeg');
      assert.ok(image.body.equals(bytes));

      const icon = await call({ path: '/assets/icon.svg' });
      assert.match(icon.text, /<svg/);
      const again = await call({
        path: '/assets/icon.svg',
        headers: { 'if-none-match': icon.headers.etag as string },
      });
      assert.deepEqual([again.status, again.body.length], [304, 0]);
      const head = await call({ method: 'HEAD', path: '/assets/icon.svg' });
      assert.deepEqual([head.status, head.body.length], [200, 0]);
    });

    test('every request has its line in the log by the time of its answer, with the real address', async () => {
      const headers = { 'x-forwarded-for': '6.6.6.6' };
      const answer = await call({
        path: '/nowhere',
        method: 'POST',
        body: 'unread',
        sourceIp: '198.51.100.9',
        headers,
      });
      const line = web.logs
        .entries()
        .find(({ requestId, msg }) => requestId === answer.headers['x-request-id'] && msg === 'request');
      assert.deepEqual(
        { ip: line?.ip, path: line?.path, status: line?.status, complete: line?.complete },
        { ip: '198.51.100.9', path: '/nowhere', status: answer.status, complete: true },
      );
    });
  });
}

const kind = eventKinds['an HTTP API'] as Kind;

test('sign-ins are limited by where they come from, whatever a header says', async () => {
  const web = await startFunction({ SIGN_INS_PER_MINUTE: '2' });
  try {
    const statuses: number[] = [];
    for (const forged of ['1.1.1.1', '2.2.2.2', '3.3.3.3']) {
      const headers = { 'x-forwarded-for': forged };
      statuses.push((await ask(web.handler, kind, { path: '/auth/login', headers })).status);
    }
    const other = await ask(web.handler, kind, { path: '/auth/login', sourceIp: '203.0.113.8' });
    assert.deepEqual([...statuses, other.status], [302, 302, 429, 302]);
  } finally {
    await web.stop();
  }
});

test('once it has answered, nothing is called any more', async () => {
  const web = await startFunction();
  try {
    const { headers } = await signIn(web.handler, kind);
    const { projectId, pageId } = await addPrivateProject(paperlift, 'alice@example.com');
    const requests: GatewayRequest[] = [
      { path: '/health/ready' },
      { path: '/', headers },
      { path: `/projects/${projectId}`, headers },
      { path: `/projects/${projectId}/pages/${pageId}`, headers },
      { path: '/account', headers },
      { path: '/api/v1/projects', headers },
      {
        path: `/api/v1/projects/${projectId}/exports`,
        method: 'POST',
        headers: { ...json, ...headers },
        body: '{"format":"txt"}',
      },
      { path: `/api/v1/projects/${projectId}/pages/${pageId}/retry`, method: 'POST', headers },
      { path: `/api/v1/projects/${projectId}`, method: 'DELETE', headers },
      { path: '/auth/logout', method: 'POST', headers: { ...form, ...headers }, body: '' },
    ];
    aheadMs += 10 * 60_000; // so that the session is touched
    for (const asked of requests) {
      const { status } = await ask(web.handler, kind, asked);
      assert.ok(status < 400, `${asked.path}: ${status}`);
      const calls = web.calls();
      assert.deepEqual(
        calls.filter((one) => one.status === undefined),
        [],
        `${asked.path}: under way`,
      );
      await delay(20);
      assert.equal(web.calls().length, calls.length, `${asked.path}: called afterwards`);
    }
    assert.ok(web.calls().length > 20);
  } finally {
    await web.stop();
  }
});

test('a call that nobody waited for is waited for before the answer', async () => {
  const web = await startFunction();
  try {
    web.storage.when(/./, { kind: 'slow', ms: 200 });
    const app = express().get('/', (_request, response) => {
      web.services.blobs.read('shared/image').catch(() => {});
      response.send('at once');
    });
    const { settle, logger } = web.services;
    const handler = createLambdaHandler({ app, settle, logger });
    assert.equal((await ask(handler, kind, { path: '/' })).text, 'at once');
    assert.deepEqual(
      web.calls().map(({ status }) => typeof status),
      ['number'],
    );
  } finally {
    await web.stop();
  }
});

test('a provider’s metadata that is read again is read before the answer, not after it', async () => {
  const { standIns } = paperlift;
  const provider = await startFaultProxy(new URL(standIns.env.SAML_ENTRY_POINT as string).origin);
  const web = await startFunction({ SAML_METADATA_URL: `${provider.url}/metadata` });
  try {
    const login = () => ask(web.handler, kind, { path: '/auth/login' });
    assert.equal((await login()).status, 302);
    assert.equal(provider.calls.length, 1);
    aheadMs += 2 * 3_600_000;
    provider.when(/./, { kind: 'slow', ms: 200 });
    assert.equal((await login()).status, 302);
    assert.deepEqual(
      provider.calls.map(({ status }) => status),
      [200, 200],
    );
  } finally {
    await web.stop();
    await provider.stop();
  }
});

test('spans are sent before the answer, and a collector that is down delays it by half a second at most', async () => {
  const collector = await startTraceCollector();
  const web = await startFunction({ ...collector.env, OTEL_BSP_SCHEDULE_DELAY: '3600000' });
  const alone = await startFunction({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
  try {
    await ask(web.handler, kind, { path: '/auth/saml/metadata' });
    await collector.find('GET /auth/saml/metadata'); // otherwise sent in an hour
    assert.deepEqual(
      collector.spans.map(({ name }) => name).filter((name) => name.startsWith('GET')),
      ['GET /auth/saml/metadata'],
    );
    const startedAt = performance.now();
    assert.equal((await ask(alone.handler, kind, { path: '/auth/saml/metadata' })).status, 200);
    assert.ok(performance.now() - startedAt < 3000);
  } finally {
    await web.stop();
    await alone.stop();
    await collector.stop();
  }
});
