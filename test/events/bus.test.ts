// Events on a bus of Amazon EventBridge, against a stand-in in its documented shapes: all of them, in order for a project, and those
// again that the service did not take.
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { addPage } from '../search/stage.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { browserOf, buildPerson } from '../support/session-of.ts';

interface Entry {
  EventBusName: string;
  Source: string;
  DetailType: string;
  Detail: string;
  Time: number;
}

let paperlift: Paperlift;
let clock = Date.now();
before(async () => {
  paperlift = await startPaperlift({
    otherServiceFaults: true,
    env: { EVENT_BUS_NAME: 'paperlift-events', METRICS_PORT: '0', HOST: '127.0.0.1' },
    now: () => new Date(clock),
  });
  // the bus is known from the first change on
  await tell(await create('First'));
});
after(() => paperlift.stop());
beforeEach(() => {
  clock += 60_000; // a bus that failed has rested
  paperlift.otherServices.calls.length = 0;
});

async function create(name: string, organisationId = 'default'): Promise<string> {
  clock += 10;
  const { agent, csrfToken } = await browserOf(paperlift, buildPerson('Ulla User', { organisationId }));
  return (await agent.post('/api/v1/projects').set('x-csrf-token', csrfToken).send({ name })).body.id;
}
async function tell(projectId: string) {
  const { events, delivery } = paperlift.services;
  for (const { id } of await events.follow(projectId)) await delivery.deliver({ webhookId: id, projectId });
}
async function sweep() {
  const { delivery, dueItems } = paperlift.services;
  for (const item of await dueItems.list('WEBHOOK')) await delivery.deliver(item as never, { isDue: true });
}
const calls = () =>
  paperlift.otherServices.calls.map(
    ({ body }) => (JSON.parse(body.toString()) as { Entries: Entry[] }).Entries,
  );
const typesIn = (entries: Entry[]) => entries.map(({ DetailType }) => DetailType);
const json = (body: object, status = 200) => ({
  kind: 'answer' as const,
  status,
  type: 'application/x-amz-json-1.1',
  body: JSON.stringify(body),
});
const taken = { EventId: '11710aed-b79e-4468-a20b-bb3c0c3b4860' };

test('events are put in one call, in order, in the shape that rules of EventBridge match', async () => {
  const id = await create('On the bus');
  await addPage(paperlift, id, ['secret words of the page']);
  await tell(id);
  const [entries = [], ...more] = calls();
  assert.deepEqual(more, []);
  assert.deepEqual(typesIn(entries), ['project.created', 'page.ready', 'project.ready']);
  const [, ready] = entries;
  assert.ok(ready);
  const { Detail, Time, ...rest } = ready;
  assert.deepEqual(rest, { EventBusName: 'paperlift-events', Source: 'paperlift', DetailType: 'page.ready' });
  assert.ok(Math.abs(Time * 1000 - clock) < 60_000);
  const detail = JSON.parse(Detail);
  assert.deepEqual([detail.id, detail.organisation, detail.number], [`${id}-2`, { id: 'default' }, 2]);
  assert.deepEqual(detail.project, { id, name: 'On the bus' });
  assert.equal(detail.page.number, 1);
  assert.doesNotMatch(Detail, /secret words/);
  await tell(id);
  assert.equal(calls().length, 1, 'nothing new: nothing put');
});

test('of a call that was taken in part, what follows the first failure is put again, with the same ids', async () => {
  const id = await create('In part');
  await addPage(paperlift, id, ['a']);
  const failed = { ErrorCode: 'ThrottlingException', ErrorMessage: 'Rate exceeded' };
  paperlift.otherServices.next(/PutEvents/, json({ FailedEntryCount: 1, Entries: [taken, failed, taken] }));
  await tell(id);
  await sweep();
  assert.equal(calls().length, 1, 'not before its time');
  clock += 60_000;
  await sweep();
  const [first = [], second = []] = calls();
  assert.deepEqual(typesIn(second), ['page.ready', 'project.ready']);
  assert.deepEqual(
    second.map(({ Detail }) => JSON.parse(Detail).id),
    first.slice(1).map(({ Detail }) => JSON.parse(Detail).id),
  );
  await sweep();
  assert.equal(calls().length, 2);
});

test('a bus that is missing or forbidden loses nothing, and the operator is told', async () => {
  const id = await create('Forbidden');
  paperlift.otherServices.next(/PutEvents/, json({ __type: 'AccessDeniedException', message: 'no' }, 400));
  await tell(id);
  const logged = paperlift.logs.entries().filter(({ alarm }) => alarm === true);
  assert.match(JSON.stringify(logged), /AccessDeniedException.*could not deliver an event/);
  clock += 24 * 3600_000;
  await sweep();
  assert.deepEqual(calls().map(typesIn), [['project.created'], ['project.created']]);
  const { port } = paperlift.measuring.address as AddressInfo;
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  assert.match(metrics, /paperlift_deliveries_total\{kind="bus",outcome="failed"\} [1-9]/);
  assert.match(metrics, /paperlift_deliveries_total\{kind="bus",outcome="delivered"\} [1-9]/);
});

test('each organisation’s events name it', async () => {
  const id = await create('Abroad', 'abroad');
  await tell(id);
  await tell(id);
  const [entry] = calls().flat();
  assert.ok(!entry || JSON.parse(entry.Detail).organisation.id === 'abroad');
  await tell(await create('Abroad too', 'abroad'));
  assert.equal(JSON.parse(calls().flat().at(-1)?.Detail ?? '{}').organisation.id, 'abroad');
});

test('more events than one call takes come in several, all in order', async () => {
  const id = await create('Many');
  for (let count = 0; count < 12; count += 1) await addPage(paperlift, id, ['a']);
  await tell(id);
  const lists = calls();
  assert.deepEqual(
    lists.map(({ length }) => length),
    [10, 4],
  );
  const numbers = lists.flat().map(({ Detail }) => JSON.parse(Detail).number);
  assert.deepEqual(
    numbers,
    Array.from({ length: 14 }, (_, index) => index + 1),
  );
});

test('two workers at once put each event once', async () => {
  const id = await create('Twice at once');
  await paperlift.services.events.follow(id);
  const [bus] = await paperlift.services.events.follow(await create('Another'));
  assert.ok(bus);
  const { delivery } = paperlift.services;
  await Promise.all([1, 2, 3].map(() => delivery.deliver({ webhookId: bus.id, projectId: id })));
  const put = calls()
    .flat()
    .filter(({ Detail }) => JSON.parse(Detail).project.id === id);
  assert.deepEqual(typesIn(put), ['project.created']);
});
