import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { localPersonId } from '../support/local-people.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { inDefault } from '../support/people.ts';
import { isOpenedBy, sessionCookieOf } from '../support/sessions.ts';

let paperlift: Paperlift;
before(async () => {
  paperlift = await startPaperlift();
});
after(() => paperlift.stop());

const addressesIn = (html: string) =>
  [...html.matchAll(/<td data-label="Person"><bdi>([^<]*)<\/bdi>/g)].map(([, address]) => address);

test('an administrator finds people by address and blocks their access, which the list shows', async () => {
  const bob = await paperlift.signIn('bob@example.com');
  const carol = await paperlift.signIn('carol@example.com');
  const list = async (query = '') => (await carol.agent.get(`/admin/people${query}`)).text;
  assert.deepEqual(addressesIn(await list('?mail=BO')), ['bob@example.com']);
  assert.ok(addressesIn(await list()).includes('carol@example.com'));
  assert.doesNotMatch(await list('?mail=carol'), /disable"/, 'nobody closes the own access');

  const [action] = /\/admin\/people\/[^/"]+\/disable/.exec(await list('?mail=bob')) ?? [];
  assert.equal(action, `/admin/people/${localPersonId(paperlift, 'bob@example.com')}/disable`);
  const closed = await carol.agent.post(action).type('form').send({ _csrf: carol.csrfToken });
  assert.equal(closed.headers.location, '/admin/people');
  assert.match(await list('?mail=bob'), /pill-failed">blocked/);
  assert.equal(await isOpenedBy(paperlift, sessionCookieOf(bob.answer)), false);
});

test('a long list goes on where it ended, and a name in it is text', async () => {
  const carol = await paperlift.signIn('carol@example.com');
  for (let number = 0; number < 60; number++) {
    const email = `z${String(number).padStart(2, '0')}@example.com`;
    await paperlift.services.people.save(
      { id: `p-${number}`, name: '<script>alert(1)</script>', email, groups: [], ...inDefault },
      new Date(),
    );
  }
  const first = await carol.agent.get('/admin/people?mail=z');
  assert.equal(addressesIn(first.text).length, 50);
  assert.doesNotMatch(first.text, /<script>alert/);
  const next = /<p class="more"><a class="button" href="([^"]+)"/
    .exec(first.text)?.[1]
    ?.replaceAll('&amp;', '&');
  const rest = addressesIn((await carol.agent.get(next as string)).text);
  assert.equal(rest.length, 10);
  assert.equal(rest[0], 'z50@example.com');
  for (const query of ['?mail=z&from=a', '?mail=a&mail=b', '?from=%00']) {
    assert.ok((await carol.agent.get(`/admin/people${query}`)).status < 500, query);
  }
});

test('others than administrators see no list of people', async () => {
  for (const email of ['alice@example.com', 'erin@example.com']) {
    const { agent } = await paperlift.signIn(email);
    assert.equal((await agent.get('/admin/people')).status, 403);
  }
});
