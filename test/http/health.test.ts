import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import request from 'supertest';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { waitFor } from '../support/wait.ts';

let paperlift: Paperlift;
before(async () => {
  paperlift = await startPaperlift();
});
after(() => paperlift.stop());

test('ready says so while everything answers, and names what is down; live goes on', async () => {
  const ready = await waitFor('all to answer', async () => {
    const { status, body } = await request(paperlift.url).get('/health/ready');
    return status === 200 ? body : undefined;
  });
  assert.deepEqual(ready, { status: 'ok', down: [] });
});

test('V16.5.3 with the database down a signed-in person gets 503, never somebody else and never a sign-in page', async () => {
  const { agent } = await paperlift.signIn('alice@example.com');
  await paperlift.standIns.stop();
  const down = await request(paperlift.url).get('/health/ready');
  assert.equal(down.status, 503);
  assert.deepEqual(down.body.down.sort(), ['database', 'queue', 'storage']);
  assert.equal((await request(paperlift.url).get('/health/live')).status, 200);
  const page = await agent.get('/');
  assert.equal(page.status, 503);
  assert.equal(page.headers['retry-after'], '10');
  assert.match(page.text, /isn’t responding\. Nothing was lost\./);
  assert.doesNotMatch(page.text, /ECONNREFUSED|Alice/);
  assert.equal((await agent.get('/api/v1/projects')).body.code, 'database-unavailable');
});
