// Someone leaves: taken out of the directory, without groups at the identity provider, or blocked by an administrator. Each
// ends sessions, tokens, phones, uploads under way and shares; what they owned is handed over.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import request from 'supertest';
import { connectDirectory, type Directory } from '../support/directory.ts';
import { textJpeg } from '../support/images.ts';
import { localPersonId } from '../support/local-people.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { accessTokenOf } from '../support/pool-token.ts';
import { answerTo, beginSignIn, postXml } from '../support/saml.ts';

type Client = Awaited<ReturnType<Paperlift['signIn']>>;
const email = 'bob@example.com';
let paperlift: Paperlift;
let directory: Directory;
let alice: Client;
let carol: Client;
let image: Buffer;
/** Milliseconds: tokens of the second of a sign-out are refused, so that each way has seconds of its own. */
let clock = Date.now();

before(async () => {
  paperlift = await startPaperlift({ now: () => new Date(clock) });
  directory = await connectDirectory(paperlift);
  image = await textJpeg(['Total'], { width: 200, height: 150 });
});
after(() => paperlift.stop());
beforeEach(async () => {
  clock = Date.now();
  alice = await paperlift.signIn('alice@example.com');
  carol = await paperlift.signIn('carol@example.com');
});

const api = ({ agent, csrfToken }: Client, method: 'get' | 'post' | 'put', path: string) =>
  agent[method](`/api/v1${path}`).set('x-csrf-token', csrfToken);
const bobId = () => localPersonId(paperlift, email);
const form = ({ agent, csrfToken }: Client, path: string, fields: object = {}) =>
  agent
    .post(path)
    .type('form')
    .send({ _csrf: csrfToken, ...fields });

/** All that Bob has in his hands: each answers with a status, 2xx while he may. */
async function everythingOf(bob: Client) {
  const own = (await api(bob, 'post', '/projects').send({ name: 'Bob’s own' })).body.id;
  const shared = (await api(alice, 'post', '/projects').send({ name: 'Alice’s' })).body.id;
  await api(alice, 'put', `/projects/${shared}/members/${bobId()}`).send({ role: 'editor' });
  const token = await accessTokenOf(paperlift, email);
  const { text } = await form(bob, `/projects/${own}/phone-links`);
  const phone = request.agent(paperlift.url);
  await phone.post('/api/phone/sign-in').send({ token: /\/phone#([\w-]{43})"/.exec(text)?.[1] });
  const announced = { fileName: 'b.jpg', contentType: 'image/jpeg', size: image.length };
  const upload = (await api(bob, 'post', `/projects/${own}/uploads`).send(announced)).body;
  await fetch(upload.url, { method: upload.method, headers: upload.headers, body: new Uint8Array(image) });
  const tries: Record<string, () => Promise<{ status: number }>> = {
    'a session': () => api(bob, 'get', '/projects'),
    'a token': () =>
      request(paperlift.url)
        .get('/api/v1/projects')
        .set('Authorization', `Bearer ${token}`)
        .then((answer) => answer),
    'a phone': () => phone.get('/api/phone').then((answer) => answer),
    'a share': () => api(bob, 'get', `/projects/${shared}`),
    'an upload to S3 that was begun': () =>
      api(bob, 'post', `/projects/${own}/uploads/${upload.id}/complete`),
  };
  return { own, shared, tries };
}

const ways: Record<string, () => Promise<() => Promise<unknown>>> = {
  'taken out of the directory': async () => {
    const id = await directory.addUser(email);
    await directory.call('delete', `/Users/${id}`);
    return async () => {
      const again = await directory.addUser(email);
      await directory.patch(`/Users/${again}`, [{ op: 'replace', path: 'active', value: true }]);
    };
  },
  'without groups at the identity provider': async () => {
    const { agent, requestId } = await beginSignIn(paperlift);
    const attributes = { email: [email], name: ['Bob Baker'], groups: ['All Staff'] };
    await postXml(agent, answerTo(paperlift, requestId, { person: email, claims: { attributes } }));
    return async () => {};
  },
  'blocked by an administrator': async () => {
    await form(carol, `/admin/people/${bobId()}/disable`);
    return () => form(carol, `/admin/people/${bobId()}/enable`);
  },
};

describe('someone who is', () => {
  for (const [how, take] of Object.entries(ways))
    test(`${how} has nothing left, and an administrator hands over what was theirs`, async () => {
      const bob = await paperlift.signIn(email);
      const { own, shared, tries } = await everythingOf(bob);
      for (const name of ['a session', 'a token', 'a phone', 'a share'])
        assert.equal((await tries[name]?.())?.status, 200, `${name}, before`);
      const restore = await take();
      for (const [name, tryIt] of Object.entries(tries)) {
        const { status } = await tryIt();
        assert.ok([401, 403, 404].includes(status), `${name}: ${status}`);
      }
      const { stores } = paperlift.services;
      assert.equal((await stores.pages.list(own)).length, 0, 'the upload did not become a page');

      await form(carol, `/admin/people/${bobId()}/hand-over`, {
        toId: localPersonId(paperlift, 'alice@example.com'),
      });
      assert.equal((await api(alice, 'get', `/projects/${own}`)).status, 200);
      const members = (await api(alice, 'get', `/projects/${shared}/members`)).body.items;
      assert.deepEqual(members, [], 'the share has ended');
      await restore();
    });
});
