// A phone signed in by a link: what it may do, and what neither it nor whoever finds the link may.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import request from 'supertest';
import { textJpeg } from '../support/images.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { inDefault } from '../support/people.ts';

const minute = 60_000;
let paperlift: Paperlift;
let alice: Awaited<ReturnType<Paperlift['signIn']>>;
let now = new Date();
let projectId: string;
let image: Buffer;

before(async () => {
  paperlift = await startPaperlift({ now: () => now });
  image = await textJpeg(['Total'], { width: 200, height: 150 });
});
after(() => paperlift.stop());

beforeEach(async () => {
  now = new Date();
  alice = await paperlift.signIn('alice@example.com');
  projectId = await makeProject('Receipts');
});

async function makeProject(name: string): Promise<string> {
  const made = await alice.agent.post('/api/v1/projects').set('x-csrf-token', alice.csrfToken).send({ name });
  return made.body.id;
}

const askForLink = (person = alice) =>
  person.agent.post(`/projects/${projectId}/phone-links`).type('form').send({ _csrf: person.csrfToken });

async function link(): Promise<string> {
  const { text } = await askForLink();
  return /\/phone#([\w-]{43})"/.exec(text)?.[1] as string;
}

/** A phone of its own: it keeps its cookie, and knows the token for what it changes. */
async function openPhone(token: string) {
  const agent = request.agent(paperlift.url);
  const answer = await agent.post('/api/phone/sign-in').send({ token });
  return { agent, answer, csrfToken: String(answer.body.csrfToken) };
}

type Phone = Awaited<ReturnType<typeof openPhone>>;

const photograph = ({ agent, csrfToken }: Phone) =>
  agent
    .post('/api/phone/pages')
    .set('x-csrf-token', csrfToken)
    .attach('files', image, { filename: 'page.jpg', contentType: 'image/jpeg' });

const listPages = () => paperlift.services.stores.pages.list(projectId);

test('a phone that was signed in by the link adds pages to the project, as its owner', async () => {
  const phone = await openPhone(await link());
  assert.equal(phone.answer.body.projectName, 'Receipts');
  const sent = await photograph(phone);
  assert.deepEqual([sent.status, sent.body.count], [201, 1]);
  assert.equal((await listPages()).length, 1);
  const admin = {
    id: 'p-admin',
    name: 'Admin',
    email: '',
    groups: [paperlift.config.groups.admins],
    ...inDefault,
  };
  const trail = await paperlift.services.audit.list(admin, `project:${projectId}`, { limit: 10 });
  assert.deepEqual(
    trail.items.map(({ action }) => action),
    ['pages.added', 'phone.linked', 'project.created'],
  );
});

test('a photograph that is sent again because no answer came is one page', async () => {
  const phone = await openPhone(await link());
  const named = () =>
    photograph(phone)
      .set('upload-key', '5f0c954c-51a9-4ed9-b26c-9ba7a9a5a4f4')
      .set('upload-begun-at', now.toISOString());
  assert.deepEqual([(await named()).status, (await named()).status], [201, 201]);
  const together = await Promise.all([named(), named(), named()]);
  for (const { status } of together) assert.equal(status, 201);
  assert.equal((await listPages()).length, 1);
});

test('whoever made the link, and nobody else, reads how many pages its phone added, and when it is done', async () => {
  const { text } = await askForLink();
  const token = /\/phone#([\w-]{43})"/.exec(text)?.[1] as string;
  const url = /data-link-url="([^"]+)"/.exec(text)?.[1] as string;
  assert.ok(!url.includes(token));
  const follow = async (person = alice) => (await person.agent.get(url)).body;
  assert.deepEqual(await follow(), { state: 'waiting', message: '' });
  const phone = await openPhone(token);
  assert.equal((await follow()).message, 'Phone connected. Waiting for the first photo.');
  const key = '5f0c954c-51a9-4ed9-b26c-9ba7a9a5a4f4';
  for (const _ of ['sent', 'sent again']) {
    await photograph(phone).set('upload-key', key).set('upload-begun-at', now.toISOString());
  }
  assert.equal((await follow()).message, 'Phone connected. 1 page added so far.', 'repeated, it counts once');
  await photograph(phone);
  await phone.agent.post('/api/phone/sign-out').set('x-csrf-token', phone.csrfToken);
  assert.deepEqual(await follow(), { state: 'ended', message: 'Done. 2 pages added from your phone.' });
  const carol = await paperlift.signIn('carol@example.com');
  assert.equal((await follow(carol)).code ?? (await carol.agent.get(url)).status, 404);
});

test('a link that nobody used, and a phone that went quiet, are said to be over', async () => {
  const [unused, used] = [await askForLink(), await askForLink()];
  const urlOf = ({ text }: { text: string }) => /data-link-url="([^"]+)"/.exec(text)?.[1] as string;
  await openPhone(/\/phone#([\w-]{43})"/.exec(used.text)?.[1] as string);
  now = new Date(now.getTime() + 5 * minute + 1);
  assert.equal((await alice.agent.get(urlOf(unused))).body.message, 'This link has expired.');
  assert.equal((await alice.agent.get(urlOf(used))).body.message, 'Phone disconnected. No pages were added.');
});

describe('the link', () => {
  test('is good once, also for five phones at the same moment', async () => {
    const token = await link();
    const phones = await Promise.all([1, 2, 3, 4, 5].map(() => openPhone(token)));
    assert.deepEqual(phones.map(({ answer }) => answer.status).sort(), [200, 401, 401, 401, 401]);
    const late = await openPhone(token);
    assert.deepEqual([late.answer.status, late.answer.body.code], [401, 'phone-link-over']);
  });

  test('is good for five minutes', async () => {
    const token = await link();
    now = new Date(now.getTime() + 5 * minute + 1);
    assert.equal((await openPhone(token)).answer.status, 401);
  });

  test('is made only by who may add pages to the project', async () => {
    const bob = await paperlift.signIn('bob@example.com');
    const erin = await paperlift.signIn('erin@example.com');
    assert.deepEqual([(await askForLink(bob)).status, (await askForLink(erin)).status], [404, 403]);
  });

  test('never reaches a server in an address, and is stored nowhere as it is', async () => {
    const token = await link();
    await openPhone(token);
    assert.ok(!paperlift.logs.text().includes(token));
    const answer = await request(paperlift.url).get(`/phone`);
    assert.equal(answer.status, 200);
    assert.ok(!answer.text.includes(token));
  });

  for (const token of ['', 'x'.repeat(43), '../..', { $ne: '' }, ['a', 'b']]) {
    test(`cannot be guessed: ${JSON.stringify(token)}`, async () => {
      const answer = await request(paperlift.url).post('/api/phone/sign-in').send({ token });
      assert.ok([400, 401].includes(answer.status), String(answer.status));
    });
  }
});

describe('the phone', () => {
  test('may do nothing but add pages: to everything else it is nobody', async () => {
    const { agent } = await openPhone(await link());
    for (const path of ['/', `/projects/${projectId}`, '/account']) {
      assert.equal((await agent.get(path)).status, 303, path);
    }
    for (const path of ['/api/v1/projects', `/api/v1/projects/${projectId}/pages`]) {
      assert.equal((await agent.get(path)).status, 401, path);
    }
  });

  test('is refused without its own token, whatever cookie travels', async () => {
    const phone = await openPhone(await link());
    const other = await openPhone(await link());
    for (const csrfToken of ['', other.csrfToken]) {
      const answer = await photograph({ ...phone, csrfToken });
      assert.deepEqual([answer.status, answer.body.code], [403, 'csrf-token-missing']);
    }
    assert.deepEqual(await listPages(), []);
  });

  test('is signed out after five minutes without a page, and after an hour in any case', async () => {
    const phone = await openPhone(await link());
    for (let passed = 0; passed < 60 - 4; passed += 4) {
      now = new Date(now.getTime() + 4 * minute);
      assert.equal((await photograph(phone)).status, 201);
    }
    now = new Date(now.getTime() + 4 * minute + 1);
    assert.equal((await photograph(phone)).status, 401, 'its hour is over');
    const idle = await openPhone(await link());
    now = new Date(now.getTime() + 5 * minute + 1);
    assert.deepEqual((await photograph(idle)).body.code, 'phone-signed-out');
  });

  test('is signed out by “Done”, and with its person everywhere', async () => {
    const done = await openPhone(await link());
    await done.agent.post('/api/phone/sign-out').set('x-csrf-token', done.csrfToken);
    assert.equal((await photograph(done)).status, 401);

    const phone = await openPhone(await link());
    const pending = await link();
    await alice.agent.post('/auth/logout-everywhere').type('form').send({ _csrf: alice.csrfToken });
    assert.equal((await photograph(phone)).status, 401);
    assert.equal((await openPhone(pending)).answer.status, 401, 'nor does a link that was not used yet');
  });

  test('is signed out with the session that its link came from, and not with another one', async () => {
    const there = await paperlift.signIn('alice@example.com');
    const phone = await openPhone(await link());
    const pending = await link();
    await there.agent.post('/auth/logout').type('form').send({ _csrf: there.csrfToken });
    assert.equal((await photograph(phone)).status, 201);
    await alice.agent.post('/auth/logout').type('form').send({ _csrf: alice.csrfToken });
    assert.equal((await photograph(phone)).body.code, 'phone-signed-out');
    assert.equal((await openPhone(pending)).answer.status, 401, 'nor does a link that was not used yet');
  });

  test('has nothing to add to when the project is gone', async () => {
    const phone = await openPhone(await link());
    await alice.agent.delete(`/api/v1/projects/${projectId}`).set('x-csrf-token', alice.csrfToken);
    assert.equal((await photograph(phone)).status, 404);
  });
});
