import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import request from 'supertest';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';

const minute = 60_000;
let paperlift: Paperlift;
let clock = Date.now();

before(async () => {
  paperlift = await startPaperlift({
    now: () => new Date(clock),
    env: { SESSION_IDLE_MINUTES: '30', SESSION_MAX_HOURS: '2' },
  });
});
beforeEach(() => {
  clock = Date.now(); // sign-ins are checked against the provider's clock
});
after(() => paperlift.stop());

test('V7.3.1 a session ends after half an hour without use', async () => {
  const { agent } = await paperlift.signIn('alice@example.com');
  clock += 29 * minute;
  assert.equal((await agent.get('/')).status, 200);
  clock += 29 * minute;
  assert.equal((await agent.get('/')).status, 200, 'use moves the limit on');
  clock += 31 * minute;
  assert.equal((await agent.get('/')).status, 303);
});

test('V7.3.2 a session ends two hours after the sign-in however much it is used', async () => {
  const { agent } = await paperlift.signIn('alice@example.com');
  for (let used = 0; used < 120; used += 17) {
    assert.equal((await agent.get('/')).status, 200);
    clock += 17 * minute;
  }
  assert.equal((await agent.get('/')).status, 303);
});

test('V7.6.2 nobody gets a session without signing in', async () => {
  const forged = await request(paperlift.url).get('/').set('Cookie', 'paperlift=s%3Aforged.signature');
  assert.equal(forged.status, 303);
  assert.equal(forged.headers['set-cookie'], undefined);
});
