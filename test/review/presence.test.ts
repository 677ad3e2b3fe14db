// Who has a page open, and what an open page is told when a share is taken back.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ann, auditor, ben, cas, foreigner, type QueueStage, startQueueStage } from './queue-stage.ts';

let stage: QueueStage;
before(async () => {
  stage = await startQueueStage();
  await stage.signIn(ann, ben, cas, foreigner, auditor);
});
after(() => stage.stop());

async function prepare(name: string) {
  const { id, pages } = await stage.createProject(ann, name, 2);
  for (const person of [ben, cas]) await stage.share(ann, id, person.id);
  const [first, second] = pages.map((pageId) => `/projects/${id}/pages/${pageId}`) as [string, string];
  return { id, first, second };
}

const look = (person: typeof ann, page: string) => stage.as(person).post(`${page}/presence`);
const namesIn = (html: string) =>
  [...(/id="present">([\s\S]*?)<\/p>/.exec(html)?.[1]?.matchAll(/<bdi>([^<]+)<\/bdi>/g) ?? [])].map(
    ([, name]) => name,
  );

describe('who is looking at a page', () => {
  test('the others by name, and not those of other pages', async () => {
    const { first, second } = await prepare('Seen');
    assert.deepEqual(namesIn((await look(ann, first)).text), []);
    await look(cas, second);
    await look(ben, first);
    assert.deepEqual(namesIn((await look(ann, first)).text), ['Ben Bold']);
    await look(cas, first);
    assert.deepEqual(namesIn((await look(ann, first)).text), ['Ben Bold', 'Cas Calm']);
  });

  test('for a minute after they were there last', async () => {
    const { first } = await prepare('For a minute');
    await look(ben, first);
    stage.pass(59_000);
    assert.deepEqual(namesIn((await look(ann, first)).text), ['Ben Bold']);
    stage.pass(2_000);
    assert.deepEqual(namesIn((await look(ann, first)).text), []);
  });

  test('nothing is said to, or of, those who may not see the project', async () => {
    const { id, first } = await prepare('Private');
    await look(ann, first);
    const foreign = await look(foreigner, first);
    assert.equal(foreign.status, 404);
    assert.doesNotMatch(foreign.text, /Ann Able/);
    assert.deepEqual(namesIn((await look(ben, first)).text), ['Ann Able']);
    await stage.as(ann).call('delete', `/projects/${id}/members/${ben.id}`);
    const gone = await look(ben, first);
    assert.equal(gone.status, 404);
    assert.match(gone.text, /project-not-found/);
    assert.doesNotMatch(gone.text, /Ann Able/);
    stage.pass(61_000);
    assert.deepEqual(namesIn((await look(ann, first)).text), [], 'a refused look leaves no trace');
  });

  test('an auditor is seen, too', async () => {
    const { first } = await prepare('Audited');
    await look(auditor, first);
    assert.deepEqual(namesIn((await look(ann, first)).text), ['Eve Audit']);
  });

  test('leaves nothing behind: expired people are removed, the item expires', async () => {
    const { id, first } = await prepare('Tidy');
    const { presence } = stage.paperlift.services.stores;
    const pageId = first.split('/').at(-1) as string;
    for (let at = 0; at < 25; at += 1)
      await presence.see(id, pageId, { id: `p-${at}`, name: `Person ${at}` });
    stage.pass(61_000);
    await look(ann, first);
    const { clients, config, now } = stage.paperlift.services;
    const { Item = {} } = await clients.documents.get({
      TableName: config.aws.dynamodb.table,
      Key: { pk: `PROJECT#${id}`, sk: `VIEWERS#${pageId}` },
    });
    assert.deepEqual(
      Object.keys(Item).filter((name) => name.startsWith('at-')),
      [`at-${ann.id}`],
    );
    assert.equal(Item.expiresAt, Math.ceil(now().getTime() / 1000) + 60);
  });
});

describe('a share that is taken back', () => {
  test('is told to the open project at its next question', async () => {
    const { id } = await prepare('Taken back');
    const ask = () => stage.as(ben).get(`/projects/${id}/access`);
    assert.deepEqual([(await ask()).status, (await ask()).text], [204, '']);
    await stage.as(ann).call('delete', `/projects/${id}/members/${ben.id}`);
    assert.equal((await ask()).status, 404);
    assert.match((await ask()).text, /project-not-found/);
  });

  test('an open page does not keep its session from ending when idle', async () => {
    const { id, first } = await prepare('Idle');
    const { idleMs } = stage.paperlift.config.session;
    await stage.signIn(ann, ben, cas);
    stage.pass(idleMs - 60_000);
    for (const person of [ann, cas]) assert.equal((await stage.as(person).get('/account')).status, 200);
    assert.equal((await look(ben, first)).status, 200);
    assert.equal((await stage.as(ben).get(`/projects/${id}/access`)).status, 204);
    stage.pass(2 * 60_000);
    assert.equal((await look(ben, first)).status, 401);
    assert.equal((await look(ann, first)).status, 200);
    await stage.signIn(ben);
  });
});
