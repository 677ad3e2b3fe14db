// One trace from the request to the text, read by a collector; and what is slow is found in it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import sharp from 'sharp';
import { browsersOf } from '../support/browsers-of.ts';
import { buildPdf } from '../support/documents.ts';
import { exportProject } from '../support/exports.ts';
import { awsError } from '../support/fault-proxy.ts';
import { textJpeg } from '../support/images.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { addPage, type Client, callAs } from '../support/shown-pages.ts';
import { type ReceivedSpan, startTraceCollector, type TraceCollector } from '../support/trace-collector.ts';

const secretText = 'Ultraviolet';

let collector: TraceCollector;
let paperlift: Paperlift;
let alice: Client;
let jpeg: Buffer;
before(async () => {
  collector = await startTraceCollector();
  paperlift = await startPaperlift({
    worker: true,
    textract: [secretText],
    databaseFaults: true,
    storageFaults: true,
    env: { ...collector.env, EXPORT_TIMEOUT_SECONDS: '8', QUEUE_WAIT_SECONDS: '1' },
  });
  alice = await paperlift.signIn('alice@example.com');
  jpeg = await textJpeg([secretText]);
});
after(async () => {
  await paperlift?.stop();
  await collector?.stop();
});
beforeEach(() => {
  paperlift.database.clear();
  paperlift.storage.clear();
  collector.clear();
});

const namesOf = (spans: ReceivedSpan[]) => spans.map(({ name }) => name);
const inTraceOf = (span: ReceivedSpan) => collector.spans.filter(({ traceId }) => traceId === span.traceId);

test('one trace holds the request, its queue, and the worker’s job with its phases and calls', async () => {
  const page = await addPage(alice, { jpeg });
  await page.whenReady();
  const request = await collector.find('POST /api/v1/projects/:projectId/pages');
  const job = await collector.find('process paperlift-pages', ({ traceId }) => traceId === request.traceId);
  const spans = inTraceOf(request);
  assert.deepEqual(
    namesOf(collector.parentsOf(job)),
    ['send paperlift-pages', request.name],
    'the job belongs to what sent it',
  );
  const phases = ['session', 'queue', 'turn', 'claim', 'page', 'prepare image', 'fetch', 'store image'];
  for (const name of [...phases, 'detect', 'store', 'finish'])
    assert.ok(namesOf(spans).includes(name), `${name} is missing of ${namesOf(spans)}`);
  const calls = ['DynamoDB.Update', 'S3.PutObject', 'S3.GetObject', 'SQS.SendMessage', 'SQS.DeleteMessage'];
  for (const name of [...calls, 'Textract.DetectDocumentText'])
    assert.ok(
      spans.some((span) => span.name.startsWith(name)),
      `${name} is missing of ${namesOf(spans)}`,
    );
  const read = spans.find(({ name }) => name === 'Textract.DetectDocumentText') as ReceivedSpan;
  assert.deepEqual(namesOf(collector.parentsOf(read)).slice(0, 3), ['detect', 'page', job.name]);
});

test('every file of a form is stored by calls of the request, although the later parts come from the connection', async () => {
  const side = 700;
  const raw = { width: side, height: side, channels: 3 } as const;
  const noise = await sharp(randomBytes(side * side * 3), { raw })
    .jpeg({ quality: 100 })
    .toBuffer();
  const call = callAs(alice);
  const project = (await call('post', '/projects').send({ name: 'Two' })).body.id;
  const added = call('post', `/projects/${project}/pages`);
  for (const filename of ['1.jpg', '2.jpg'])
    added.attach('files', noise, { filename, contentType: 'image/jpeg' });
  assert.equal((await added).status, 201);
  const request = await collector.find('POST /api/v1/projects/:projectId/pages');
  const stored = collector.spans.filter(
    ({ name, parentSpanId }) => name === 'S3.PutObject' && parentSpanId === request.spanId,
  );
  assert.equal(stored.length, 2);
});

test('a page for people has its session and its calls, and says how long rendering and sending took', async () => {
  const page = await addPage(alice, { jpeg });
  await page.whenReady();
  await alice.agent.get(`/projects/${page.project}`);
  const request = await collector.find('GET /projects/:projectId');
  const children = collector.spans.filter(({ parentSpanId }) => parentSpanId === request.spanId);
  assert.deepEqual([...new Set(namesOf(children))].sort(), ['DynamoDB.GetItem', 'DynamoDB.Query', 'session']);
  const session = children.find(({ name }) => name === 'session') as ReceivedSpan;
  const lookUp = collector.spans.find(({ parentSpanId }) => parentSpanId === session.spanId);
  assert.equal(lookUp?.name, 'DynamoDB.BatchGetItem', 'only the session’s own call lies in it');
  assert.equal(request.attributes['http.response.status_code'], 200);
  for (const phase of ['render', 'send'])
    assert.ok(Number(request.attributes[`paperlift.${phase}_ms`]) >= 0, phase);
});

test('the drawing process’s steps lie in the trace of the import', async () => {
  const call = callAs(alice);
  const project = (await call('post', '/projects').send({ name: 'File' })).body.id;
  const pdf = await buildPdf([{ text: secretText }]);
  await call('post', `/projects/${project}/pages`).attach('files', pdf, {
    filename: 'file.pdf',
    contentType: 'application/pdf',
  });
  const drawn = await collector.find('drawing process: draw');
  const parents = namesOf(await collector.allParentsOf(drawn));
  assert.equal(parents[0], 'drawing draw');
  assert.equal(parents.at(-1), 'POST /api/v1/projects/:projectId/pages');
  for (const step of ['load', 'open', 'take text'])
    assert.ok(
      inTraceOf(drawn).some(({ name }) => name === `drawing process: ${step}`),
      step,
    );
});

test('a slow S3 is found in the trace', async () => {
  const page = await addPage(alice, { jpeg });
  await page.whenReady();
  paperlift.storage.when(/^GET .*detection\.json/, { kind: 'slow', ms: 3000 });
  await alice.agent.get(`/projects/${page.project}/pages/${page.path.split('/').at(-1)}`);
  const request = await collector.find(/^GET \/projects\/:projectId\/pages\/:pageId$/);
  const slowest = collector.spans
    .filter(({ parentSpanId }) => parentSpanId === request.spanId)
    .reduce((one, other) => (one.ms > other.ms ? one : other));
  assert.equal(slowest.name, 'S3.GetObject');
  assert.ok(slowest.ms >= 2990, `${slowest.ms}`);
  const line = paperlift.logs.entries().find((entry) => entry.traceId === request.traceId && entry.status);
  assert.ok(Number(line?.storeMs) >= 2990 && Number(line?.renderMs) < 2000, JSON.stringify(line));
});

test('a throttled table is found in the trace', async () => {
  paperlift.database.next('BatchGetItem', awsError(400, 'ThrottlingException'), 2); // the sweeper sends none
  assert.equal((await alice.agent.get('/')).status, 200);
  const request = await collector.find('GET /');
  const throttled = inTraceOf(request).find(({ attributes }) => Number(attributes['aws.attempts']) > 1);
  assert.match(throttled?.name ?? 'none', /^DynamoDB\./);
  assert.deepEqual(throttled?.events[0]?.attributes, { 'error.type': 'ThrottlingException' });
});

test('a frozen Chromium is found in the trace', async () => {
  const page = await addPage(alice, { jpeg });
  await page.whenReady();
  await exportProject(page.call, page.project, 'text-pdf'); // the time limit of the next one is not spent on starting the browser
  let frozen: number[] = [];
  paperlift.storage.when(/^GET .*image\.jpg/, async () => {
    frozen = browsersOf(process.pid);
    for (const pid of frozen) process.kill(-pid, 'SIGSTOP');
    return undefined;
  });
  const exported = await page.call('post', `/projects/${page.project}/exports`).send({
    format: 'searchable-pdf',
  });
  assert.equal(exported.status, 202);
  const chromium = await collector.find('chromium', ({ hasFailed }) => hasFailed);
  assert.ok(frozen.length > 0);
  assert.ok(chromium.ms > 7000, `${chromium.ms}`);
  assert.equal(chromium.attributes['error.type'], 'PdfRenderError');
  const frozenStep = await collector.find('chromium load', ({ traceId }) => traceId === chromium.traceId);
  assert.ok(frozenStep.hasFailed && frozenStep.ms > chromium.ms / 2, 'the step that hung, not the print');
  assert.equal(
    namesOf(await collector.allParentsOf(chromium)).at(-1),
    'POST /api/v1/projects/:projectId/exports',
  );
});

test('log lines lead to the trace; nothing in it names a person, a text, a token or a query', async () => {
  const page = await addPage(alice, { jpeg });
  await page.whenReady();
  await alice.agent.get(`/search?q=${secretText}`);
  const searched = await collector.find('GET /search');
  const line = paperlift.logs.entries().find((entry) => entry.path === '/search');
  assert.deepEqual([line?.traceId, line?.spanId], [searched.traceId, searched.spanId]);
  const all = collector.text();
  for (const secret of [
    secretText,
    'alice',
    'Alice',
    'Any way up',
    'scan.jpg',
    alice.csrfToken,
    'paperlift=',
  ])
    assert.ok(!all.includes(secret), secret);
});

test('a client cannot decide what is sampled; machines’ checks and assets leave no spans', async () => {
  await alice.agent.get('/account').set('traceparent', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`);
  await alice.agent.get('/health/live');
  await alice.agent.get('/assets/icon.svg');
  const request = await collector.find('GET /account');
  assert.equal(request.parentSpanId, undefined);
  assert.notEqual(request.traceId, 'a'.repeat(32));
  await delay(200);
  assert.ok(!collector.spans.some(({ name }) => /health|assets|ReceiveMessage/.test(name)));
});
