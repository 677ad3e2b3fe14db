// What a rule does about events that are not about its own exports, or that no other attempt helps.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { ProjectEvent } from '../../src/events/event.ts';
import { isDelivered, isSettled } from '../../src/events/listener.ts';
import { createRuleChannel } from '../../src/rules/rule.channel.ts';
import { type Rule, ruleTypes } from '../../src/rules/rule.ts';
import { addPage } from '../search/stage.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { browserOf, buildPerson } from '../support/session-of.ts';

const rule: Rule = {
  id: '01JZZZZZZZZZZZZZZZZZZZZZZZ',
  organisationId: 'default',
  types: ruleTypes,
  createdAt: '2026-01-01T00:00:00.000Z',
  createdBy: 'Adam Admin',
  name: 'To the archive',
  format: 'txt',
  target: { kind: 's3', bucket: 'archive', prefix: '' },
};
let paperlift: Paperlift;
let channel: ReturnType<typeof createRuleChannel>;
const pushed: string[] = [];

before(async () => {
  paperlift = await startPaperlift();
  const { stores, exports, audit } = paperlift.services;
  const push = async (_rule: Rule, { name }: { name: string }) => void pushed.push(name);
  const pushes = { s3: push, sftp: push, webdav: push, sharepoint: push };
  channel = createRuleChannel({ rules: stores.rules, exports, pushes, audit });
});
after(() => paperlift.stop());
beforeEach(() => {
  pushed.length = 0;
});

async function addProject(organisationId = 'default') {
  const person = buildPerson('Ulla User', { organisationId });
  const { agent, csrfToken } = await browserOf(paperlift, person);
  const call = (path: string, body: object) =>
    agent.post(`/api/v1/projects${path}`).set('x-csrf-token', csrfToken).send(body);
  const id: string = (await call('', { name: 'Any' })).body.id;
  return { id, request: (format: string) => call(`/${id}/exports`, { format }) };
}
async function tell(projectId: string, event: Partial<ProjectEvent>) {
  const given = { organisationId: 'default', projectId, number: 1, projectName: 'Any', ...event };
  const [outcome] = await channel.send(rule, [given as ProjectEvent]);
  assert.ok(outcome);
  return outcome;
}

test('an export that someone else asked for is not sent, and its failure is not the rule’s', async () => {
  const { id, request } = await addProject();
  await addPage(paperlift, id, ['a']);
  const exportId = (await request('json')).body.id;
  const ready = await tell(id, { type: 'export.ready', exportId });
  assert.deepEqual([isDelivered(ready), ready.note], [true, 'Not of this rule']);
  assert.ok(isDelivered(await tell(id, { type: 'export.failed', exportId })));
  assert.deepEqual(pushed, []);
});

test('a failed export of the rule is shown as a failure, and not tried again by itself', async () => {
  const { id } = await addProject();
  await addPage(paperlift, id, ['a']);
  assert.equal((await tell(id, { type: 'project.ready' })).note, 'Asked for Plain text');
  const [made] = await paperlift.services.stores.exports.listAll(id);
  const event = { type: 'export.failed', exportId: made?.id as string, failureCode: 'out-of-ink' } as const;
  const outcome = await tell(id, event);
  assert.match(outcome.error ?? '', /The export failed \(out-of-ink\)/);
  assert.deepEqual([isDelivered(outcome), isSettled(outcome)], [false, true]);
});

test('a project that has no pages any more is passed by', async () => {
  const { id } = await addProject();
  assert.ok(isDelivered(await tell(id, { type: 'project.ready' })));
  assert.deepEqual(await paperlift.services.stores.exports.listAll(id), []);
});

test('nothing is exported from a project of another organisation', async () => {
  const { id } = await addProject('abroad');
  await addPage(paperlift, id, ['a']);
  await tell(id, { type: 'project.ready' });
  assert.deepEqual(await paperlift.services.stores.exports.listAll(id), []);
  await assert.rejects(paperlift.services.exports.requestForRule(rule, id, rule), /project/i);
});
