// Webhooks: a receiver that fails, stalls, loses its answer and is away for a day gets every event at least once, in order for a
// project, can tell repeats by their id, and can verify who sent them.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, test } from 'node:test';
import { Webhook as Verifier } from 'standardwebhooks';
import { refuseAddress } from '../../src/events/address-guard.ts';
import { createWebhookSender } from '../../src/events/webhook-sender.ts';
import { addPage } from '../search/stage.ts';
import { textJpeg } from '../support/images.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { browserOf, buildPerson } from '../support/session-of.ts';
import { startTraceCollector } from '../support/trace-collector.ts';
import { waitFor } from '../support/wait.ts';

type Behave = (request: IncomingMessage, response: ServerResponse, body: string) => void;
const accept: Behave = (_request, response) => response.writeHead(204).end();
let behave: Behave = accept;
const received: {
  id: string;
  type: string;
  number: number;
  projectId: string;
  headers: Record<string, string>;
  body: string;
}[] = [];
const receiver = createServer(async (request, response) => {
  const body = await text(request);
  const { type, data } = JSON.parse(body);
  received.push({
    id: String(request.headers['webhook-id']),
    type,
    number: data.number,
    projectId: data.project?.id,
    headers: request.headers as Record<string, string>,
    body,
  });
  behave(request, response, body);
});

let paperlift: Paperlift;
let admin: Awaited<ReturnType<typeof browserOf>>;
let url: string;
let secret: string;
let webhookId: string;
let clock = Date.now();

before(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  paperlift = await startPaperlift({
    env: { WEBHOOK_PRIVATE_NETWORKS: 'true' },
    now: () => new Date(clock),
  });
  admin = await signIn();
  const created = await post('/admin/webhooks', { url });
  secret = /id="webhook-secret">([^<]+)</.exec(created.text)?.[1] as string;
  const list = await paperlift.services.stores.webhooks.list('default');
  webhookId = list[0]?.id as string;
});
after(async () => {
  await paperlift.stop();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
});
const signIn = () => browserOf(paperlift, buildPerson('Adam Admin', { groups: ['paperlift-admins'] }));
beforeEach(async () => {
  admin = await signIn(); // the clock has gone on by days
  received.length = 0;
  behave = accept;
});

const post = (path: string, fields: object = {}) =>
  admin.agent
    .post(path)
    .type('form')
    .send({ _csrf: admin.csrfToken, ...fields });
const create = async (name: string): Promise<string> => {
  clock += 10;
  const made = await admin.agent.post('/api/v1/projects').set('x-csrf-token', admin.csrfToken).send({ name });
  return made.body.id;
};

/** What the worker does after each job, and what the sweeper does with what is due. */
async function tell(projectId: string) {
  const { events, delivery } = paperlift.services;
  for (const { id } of await events.follow(projectId)) await delivery.deliver({ webhookId: id, projectId });
}
async function sweep() {
  clock += 1;
  const { delivery, dueItems } = paperlift.services;
  const due = await dueItems.list('WEBHOOK');
  for (const item of due) await delivery.deliver(item as never, { isDue: true });
  return due.length;
}
const typesOf = (projectId: string) =>
  received.filter((each) => each.projectId === projectId).map(({ number, type }) => `${number} ${type}`);

test('events come in order, each signed so that a receiver’s library accepts it', async () => {
  const id = await create('Signed');
  await addPage(paperlift, id, ['secret words of the page']);
  await tell(id);
  assert.deepEqual(typesOf(id), ['1 project.created', '2 page.ready', '3 project.ready']);
  const verifier = new Verifier(secret);
  for (const { body, headers } of received) {
    assert.doesNotThrow(() =>
      verifier.verify(body, { ...headers, 'webhook-timestamp': headers['webhook-timestamp'] as string }),
    );
    assert.throws(() => verifier.verify(body.replace('Signed', 'Forged'), headers));
    assert.doesNotMatch(body, /secret words/);
  }
  await tell(id);
  assert.equal(received.length, 3, 'nothing new: nothing sent');
});

test('a receiver that fails is tried again later; the project’s later events wait, another project’s do not', async () => {
  const [stuck, other] = [await create('Stuck'), await create('Other')];
  behave = (_request, response, body) => response.writeHead(body.includes(stuck) ? 500 : 204).end();
  await tell(stuck);
  await addPage(paperlift, stuck, ['a']);
  await tell(stuck);
  assert.deepEqual(typesOf(stuck), ['1 project.created'], 'no second attempt before its time');
  clock += 31_000; // the receiver has rested
  await tell(other);
  assert.deepEqual(typesOf(other), ['1 project.created']);
  await sweep();
  behave = accept;
  for (let day = 0; day < 3; day += 1) {
    clock += 24 * 3600_000;
    await sweep();
  }
  assert.deepEqual(
    [...new Set(typesOf(stuck))],
    ['1 project.created', '2 page.ready', '3 project.ready'],
    'after a day away: everything, in order',
  );
  const ids = received.filter(({ projectId }) => projectId === stuck).map(({ id }) => id);
  assert.equal(ids[0], `${stuck}-1`);
  assert.equal(ids[1], `${stuck}-1`, 'a repeat has the same id');
});

test('an answer that is lost leads to a repeat, which the receiver can tell', async () => {
  const id = await create('Lost answer');
  let isFirst = true;
  behave = (request, response) => {
    if (!isFirst) return void response.writeHead(204).end();
    isFirst = false;
    request.socket.destroy();
  };
  await tell(id);
  clock += 6 * 60_000;
  await sweep();
  assert.deepEqual(typesOf(id), ['1 project.created', '1 project.created']);
  assert.equal(new Set(received.map((each) => each.id)).size, 1);
});

test('a receiver that stalls costs one attempt, and no other project waits for it', async () => {
  const send = createWebhookSender({ allowPrivate: true, timeoutMs: 50 });
  behave = () => {};
  const outcome = await send(url, secret, { id: 'x', at: new Date(), body: '{"data":{}}' });
  assert.deepEqual([outcome.error, outcome.status], ['no answer in time', undefined]);
});

test('a deletion is told with the next sweep, once, and not only when the project is erased', async () => {
  const id = await create('Deleted');
  await tell(id);
  const { agent, csrfToken } = admin;
  assert.equal((await agent.delete(`/api/v1/projects/${id}`).set('x-csrf-token', csrfToken)).status, 204);
  await sweep();
  assert.deepEqual(typesOf(id), ['1 project.created', '2 project.deleted']);
  await paperlift.services.projects.finishRemoval(id);
  await tell(id);
  assert.equal(typesOf(id).length, 2);
});

test('a delivery is a span of the work that leads to it', async () => {
  const collector = await startTraceCollector();
  const traced = await startPaperlift({
    worker: true,
    textract: ['Total'],
    env: {
      WEBHOOK_PRIVATE_NETWORKS: 'true',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_BSP_SCHEDULE_DELAY: '50',
    },
  });
  try {
    const { agent, csrfToken } = await traced.signIn('carol@example.com');
    await agent.post('/admin/webhooks').type('form').send({ _csrf: csrfToken, url });
    const api = agent.post('/api/v1/projects').set('x-csrf-token', csrfToken);
    const { id } = (await api.send({ name: 'Traced' })).body;
    const image = await textJpeg(['Total'], { width: 200, height: 150 });
    await agent
      .post(`/api/v1/projects/${id}/pages`)
      .set('x-csrf-token', csrfToken)
      .attach('files', image, 'a.jpg');
    await waitFor('the span', async () => collector.spans.find(({ name }) => name === 'deliver events'));
  } finally {
    await traced.stop();
    await collector.stop();
  }
});

test('two workers at once deliver once', async () => {
  const id = await create('Twice at once');
  await paperlift.services.events.follow(id);
  const { delivery } = paperlift.services;
  await Promise.all([1, 2, 3].map(() => delivery.deliver({ webhookId, projectId: id })));
  assert.deepEqual(typesOf(id), ['1 project.created']);
});

test('events whose process ended between noticing and sending are sent by the sweeper', async () => {
  const id = await create('Interrupted');
  await paperlift.services.events.follow(id);
  assert.equal(received.length, 0);
  assert.ok((await sweep()) > 0);
  assert.deepEqual(typesOf(id), ['1 project.created']);
  assert.equal(await sweep(), 0);
});

test('administrators see each delivery, send one again, pause and resume', async () => {
  const id = await create('Watched');
  behave = (_request, response) => response.writeHead(410).end();
  await tell(id);
  const page = await admin.agent.get(`/admin/webhooks/${webhookId}`);
  assert.match(page.text, /pill-failed">failed<\/span> <span class="soft">410/);
  behave = accept;
  const again = await post(`/admin/webhooks/${webhookId}/send-again`, { projectId: id, number: 1 });
  assert.match(again.headers.location as string, /sent=yes/);
  assert.equal(received.at(-1)?.id, `${id}-1`);
  await post(`/admin/webhooks/${webhookId}/pause`);
  clock += 24 * 3600_000;
  const before = received.length;
  await sweep();
  assert.equal(received.length, before, 'nothing while it is paused');
  admin = await signIn();
  await post(`/admin/webhooks/${webhookId}/resume`);
  clock += 2 * 3600_000;
  await sweep();
  assert.equal(typesOf(id).at(-1), '1 project.created');
  admin = await signIn();
  const sent = await post(`/admin/webhooks/${webhookId}/test`);
  assert.match(sent.headers.location as string, /sent=yes/);
});

test('a webhook is told what happens after it was created, and nothing of another organisation', async () => {
  const foreigner = buildPerson('Fay Foreigner', { organisationId: 'abroad' });
  const { agent, csrfToken } = await browserOf(paperlift, foreigner);
  const made = await agent.post('/api/v1/projects').set('x-csrf-token', csrfToken).send({ name: 'Abroad' });
  await tell(made.body.id);
  assert.equal(received.length, 0);
  const abroad = await browserOf(
    paperlift,
    buildPerson('Ada Abroad', { organisationId: 'abroad', groups: ['paperlift-admins'] }),
  );
  assert.equal((await abroad.agent.get(`/admin/webhooks/${webhookId}`)).status, 404);
  assert.doesNotMatch(
    (await abroad.agent.get('/admin/webhooks')).text,
    /hook/i.test(url) ? /127\.0\.0\.1/ : /x/,
  );
});

test('an administrator who names another organisation’s project is not sent its events', async () => {
  const group = { organisationId: 'abroad', groups: ['paperlift-admins'] };
  const { agent, csrfToken } = await browserOf(paperlift, buildPerson('Ada Abroad', group));
  assert.ok((await agent.post('/admin/webhooks').type('form').send({ _csrf: csrfToken, url })).ok);
  clock += 10;
  const made = await agent
    .post('/api/v1/projects')
    .set('x-csrf-token', csrfToken)
    .send({ name: 'Secret plan' });
  const { events, stores } = paperlift.services;
  await events.follow(made.body.id);
  assert.equal((await stores.events.find(made.body.id, 1))?.type, 'project.created');
  const again = { projectId: made.body.id, number: 1 };
  const answer = await post(`/admin/webhooks/${webhookId}/send-again`, again);
  assert.match(answer.headers.location as string, /sent=no/);
  assert.deepEqual(received, []);
});

test('a page that a worker reads is told without anyone asking', async () => {
  const working = await startPaperlift({
    worker: true,
    textract: ['Total'],
    env: { WEBHOOK_PRIVATE_NETWORKS: 'true' },
  });
  try {
    const { agent, csrfToken } = await working.signIn('carol@example.com');
    await agent.post('/admin/webhooks').type('form').send({ _csrf: csrfToken, url });
    const api = agent.post('/api/v1/projects').set('x-csrf-token', csrfToken);
    const { id } = (await api.send({ name: 'Read' })).body;
    const image = await textJpeg(['Total'], { width: 200, height: 150 });
    await agent
      .post(`/api/v1/projects/${id}/pages`)
      .set('x-csrf-token', csrfToken)
      .attach('files', image, 'a.jpg');
    await waitFor('the event', async () =>
      typesOf(id).some((each) => each.endsWith('project.ready')) ? true : undefined,
    );
    assert.deepEqual(typesOf(id), ['1 project.created', '2 page.ready', '3 project.ready']);
  } finally {
    await working.stop();
  }
});

test('addresses inside the machine, its cloud or its network are not called unless configuration allows it', async () => {
  for (const address of [
    '127.0.0.1',
    '10.1.2.3',
    '169.254.169.254',
    '192.168.1.1',
    '172.16.0.1',
    '172.31.255.255',
    '100.64.0.1',
    '198.18.0.1',
    '::1',
    '::',
    'ff02::1',
    '64:ff9b::a9fe:a9fe',
    '::ffff:7f00:1',
    'fe80::1',
    'fd00::1',
    '::ffff:169.254.169.254',
    '0.0.0.0',
  ])
    assert.ok(refuseAddress(address, false), address);
  for (const address of [
    '169.254.169.254',
    '224.0.0.1',
    'fe80::1',
    '::ffff:169.254.169.254',
    'fd00:ec2::254',
  ])
    assert.ok(refuseAddress(address, true), `${address} even then`);
  for (const address of ['93.184.216.34', '172.32.0.1', '100.128.0.1', '2606:2800:220:1::1'])
    assert.equal(refuseAddress(address, false), undefined);
  const guarded = createWebhookSender({ allowPrivate: false });
  for (const inside of [url, url.replace('127.0.0.1', 'localhost'), 'http://[::1]:1/']) {
    const outcome = await guarded(inside, secret, { id: 'x', at: new Date(), body: '{}' });
    assert.match(outcome.error ?? '', /not an address|private network/, inside);
  }
  assert.equal(received.length, 0);
});

test('a URL with a password, of another scheme or none is refused by name', async () => {
  for (const wrong of ['', 'ftp://example.com', 'https://user:pass@example.com/', 'javascript:alert(1)']) {
    const answer = await post('/admin/webhooks', { url: wrong });
    assert.equal(answer.status, 400, wrong);
    assert.match(answer.text, /field-error/);
  }
});
