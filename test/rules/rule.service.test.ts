// What administrators may do to rules: their own organisation's, and not without limit.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { browserOf, buildPerson } from '../support/session-of.ts';

let paperlift: Paperlift;
before(async () => {
  paperlift = await startPaperlift();
});
after(() => paperlift.stop());

async function signIn(organisationId: string) {
  const groups = ['paperlift-admins'];
  const { agent, csrfToken } = await browserOf(
    paperlift,
    buildPerson(`Admin ${organisationId}`, { groups, organisationId }),
  );
  const post = (path: string, fields: object = {}) =>
    agent
      .post(path)
      .type('form')
      .send({ _csrf: csrfToken, ...fields });
  return { agent, post };
}
const fields = { to: 'none', name: 'Archive of the board', format: 'txt' };

test('an administrator of another organisation can neither see a rule nor act on it', async () => {
  const [ours, theirs] = [await signIn('default'), await signIn('abroad')];
  const url = (await ours.post('/admin/rules', fields)).headers.location as string;
  assert.equal((await ours.agent.get(url)).status, 200);
  assert.equal((await theirs.agent.get(url)).status, 404);
  assert.doesNotMatch((await theirs.agent.get('/admin/rules')).text, /Archive of the board/);
  const event = { projectId: '01JZZZZZZZZZZZZZZZZZZZZZZZ', number: 1 };
  for (const action of ['pause', 'resume', 'test', 'send-again', 'delete'])
    assert.equal((await theirs.post(`${url}/${action}`, event)).status, 404, action);
  const [rule] = await paperlift.services.stores.rules.list('default');
  assert.deepEqual([rule?.name, rule?.pausedAt], [fields.name, undefined]);
});

test('an organisation has at most 20 rules', async () => {
  const { agent, post } = await signIn('many');
  for (let count = 0; count < 20; count += 1) assert.equal((await post('/admin/rules', fields)).status, 303);
  const refused = await post('/admin/rules', fields);
  assert.equal(refused.status, 409);
  assert.match(refused.text, /can have 20 rules/);
  const list = (await agent.get('/admin/rules')).text;
  assert.equal(list.split('Archive of the board').length - 1, 20);
});
