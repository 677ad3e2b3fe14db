import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import request from 'supertest';
import { mentions } from '../support/mentions.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { isOpenedBy, signInForCookie } from '../support/sessions.ts';

let paperlift: Paperlift;
let clock = Date.now();
before(async () => {
  paperlift = await startPaperlift({ now: () => new Date(clock) });
});
beforeEach(() => {
  clock = Date.now(); // sign-ins are checked against the provider's clock
});
after(() => paperlift.stop());

const signIn = (email: string) => signInForCookie(paperlift, email);

async function accountOf(agent: ReturnType<typeof request.agent>) {
  const { text, status, headers } = await agent.get('/account');
  const rows = text.split('<li class="row session-row">').slice(1);
  return {
    text,
    status,
    headers,
    sessions: rows.map((row) => ({
      handle: /sessions\/([^/"]+)\/end/.exec(row)?.[1] as string,
      isThis: row.includes('>this device<'),
      times: [...row.matchAll(/<time[^>]*>([^<]*)</g)].map(([, time]) => time),
    })),
  };
}

test('a person sees own groups and sessions: when each began, when it was last used, and which one this is', async () => {
  const first = await signIn('alice@example.com');
  const second = await signIn('alice@example.com');
  await signIn('bob@example.com');
  clock += 5 * 60_000;
  await first.agent.get('/'); // used again
  clock += 30 * 60_000;
  const { text, sessions, headers } = await accountOf(second.agent);
  assert.match(text, /Alice Archer/);
  assert.match(text, /<code dir="auto">paperlift-users<\/code>/);
  assert.ok(!mentions(text, 'Bob'));
  assert.equal(headers['cache-control'], 'no-store');
  assert.deepEqual(
    sessions.map(({ isThis, times }) => ({ isThis, times })),
    [
      { isThis: true, times: ['35 minutes ago', '35 minutes ago'] },
      { isThis: false, times: ['35 minutes ago', '30 minutes ago'] },
    ],
  );
  assert.equal(
    sessions.every(({ handle }) => !first.cookie.includes(handle)),
    true,
  );
  const home = await second.agent.get('/');
  assert.match(home.text, /<a class="menu-item" href="\/account">/);
});

test('V7.5.2 a person ends one session, and the others go on', async () => {
  const [here, there] = [await signIn('erin@example.com'), await signIn('erin@example.com')];
  const { sessions } = await accountOf(here.agent);
  const other = sessions.find(({ isThis }) => !isThis)?.handle;
  const ended = await here.agent
    .post(`/account/sessions/${other}/end`)
    .type('form')
    .send({ _csrf: here.csrfToken });
  assert.equal(ended.headers.location, '/account');
  assert.equal(await isOpenedBy(paperlift, there.cookie), false);
  assert.equal(await isOpenedBy(paperlift, here.cookie), true);
  assert.equal((await accountOf(here.agent)).sessions.length, 1);

  const own = await here.agent
    .post(`/account/sessions/${sessions.find(({ isThis }) => isThis)?.handle}/end`)
    .type('form')
    .send({ _csrf: here.csrfToken });
  assert.equal(own.headers.location, '/auth/signed-out');
  assert.equal(await isOpenedBy(paperlift, here.cookie), false);
});

test('V8.2.2 another person’s session is not found, exactly as one that does not exist', async () => {
  const [bob, carol] = [await signIn('bob@example.com'), await signIn('carol@example.com')];
  const theirs = (await accountOf(bob.agent)).sessions.find(({ isThis }) => isThis)?.handle;
  const end = async (handle: string | undefined) => {
    const answer = await carol.agent
      .post(`/account/sessions/${handle}/end`)
      .type('form')
      .send({ _csrf: carol.csrfToken });
    return { status: answer.status, text: answer.text.replaceAll(/[\dA-HJKMNP-TV-Z]{26}/g, 'request') };
  };
  const answer = await end(theirs);
  assert.equal(answer.status, 404);
  const strip = (text: string) => text.replaceAll(/nonce="[^"]*"/g, '');
  assert.equal(strip(answer.text), strip((await end('A'.repeat(43))).text));
  assert.equal(await isOpenedBy(paperlift, bob.cookie), true);
});

test('nobody sees an account without signing in', async () => {
  const answer = await request(paperlift.url).get('/account');
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.location, '/auth/login?returnTo=%2Faccount');
});
