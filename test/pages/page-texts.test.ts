// The texts of pages in items of their own, and what was stored before there were any: the page's item had it all.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ulid } from 'ulid';
import { composeWorker } from '../../src/compose-worker.ts';
import type { Page } from '../../src/pages/page.ts';
import { addPage, addProject, detectionOf } from '../search/stage.ts';
import { buildPage } from '../support/pages.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';

const lines = ['Total 12.50', 'Ipoh Road', 'Thank you'];
let paperlift: Paperlift;
let alice: Awaited<ReturnType<Paperlift['signIn']>>;

before(async () => {
  paperlift = await startPaperlift({ databaseFaults: true });
  alice = await paperlift.signIn('alice@example.com');
});
after(() => paperlift.stop());

/** A page that was read and corrected, as it was written before: its attributes are all of one item. */
async function addOldPage(projectId: string): Promise<string> {
  const { stores, blobs, clients } = paperlift.services;
  const pageId = await addPage(paperlift, projectId, lines);
  const page = (await stores.pages.findWithText(projectId, pageId)) as Page;
  await blobs.put(page.detectionKey as string, JSON.stringify(detectionOf(lines)), 'application/json');
  const { textId, ...rest } = page;
  await clients.documents.put({
    TableName: paperlift.config.aws.dynamodb.table,
    Item: {
      ...rest,
      text: 'Total 12.50\nlpoh Road\nThank you',
      preview: 'Total 12.50',
      corrections: { l2: 'lpoh Road' },
      edits: 1,
      steps: [{ personId: 'p', lines: { l2: { before: {}, after: { text: 'lpoh Road' } } } }],
    },
  });
  await clients.documents.delete({ TableName: paperlift.config.aws.dynamodb.table, Key: textKey(page) });
  return pageId;
}

const textKey = ({ projectId, id, textId }: Page) => ({
  pk: `PROJECT#${projectId}`,
  sk: `TEXT#${id}#${textId}`,
});

async function itemsOf(projectId: string, prefix: string): Promise<Record<string, unknown>[]> {
  const { Items = [] } = await paperlift.services.clients.documents.query({
    TableName: paperlift.config.aws.dynamodb.table,
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': `PROJECT#${projectId}`, ':prefix': prefix },
  });
  return Items;
}

const api = (path: string) => alice.agent.get(`/api/v1${path}`);
const correct = (path: string, text: string) =>
  alice.agent
    .patch(`/api/v1${path}`)
    .set('x-csrf-token', alice.csrfToken)
    .send({ lines: [{ id: 'l1', text }] });
const linesOf = (body: { lines: { text: string; corrected?: string }[] }) =>
  body.lines.map(({ text, corrected }) => corrected ?? text);

async function sweep() {
  const worker = composeWorker(paperlift.services);
  await worker.sweeper.sweep();
  await worker.stop(0);
}

describe('a page that was written before texts had items of their own', () => {
  test('reads as it was corrected, is corrected further, and has such an item then', async () => {
    const projectId = await addProject(paperlift, 'alice@example.com', 'Old');
    const pageId = await addOldPage(projectId);
    const path = `/projects/${projectId}/pages/${pageId}`;
    assert.deepEqual(linesOf((await api(path)).body), ['Total 12.50', 'lpoh Road', 'Thank you']);
    const { body: found } = await api('/search?q=total');
    assert.equal(found.items[0]?.page?.id, pageId);
    const changed = await correct(path, 'Total 99.50');
    assert.equal(changed.status, 200, changed.text);
    assert.deepEqual(linesOf((await api(path)).body), ['Total 99.50', 'lpoh Road', 'Thank you']);
    const [page] = await itemsOf(projectId, 'PAGE#');
    assert.ok(!('text' in (page ?? {})) && !('corrections' in (page ?? {})) && !('steps' in (page ?? {})));
    const texts = await itemsOf(projectId, 'TEXT#');
    assert.deepEqual(
      texts.map(({ sk, corrections, steps }) => [sk, corrections, (steps as unknown[]).length]),
      [[`TEXT#${pageId}#${page?.textId}`, { l1: 'Total 99.50', l2: 'lpoh Road' }, 2]],
    );
  });

  test('is carried over by a sweep, deleted ones too, and only once', async () => {
    const projectId = await addProject(paperlift, 'alice@example.com', 'Carried over');
    const [pageId, other] = [await addOldPage(projectId), await addOldPage(projectId)];
    const path = `/projects/${projectId}/pages/${pageId}`;
    const seen = (await api(path)).body;
    const gone = await alice.agent
      .delete(`/api/v1/projects/${projectId}/pages/${other}`)
      .set('x-csrf-token', alice.csrfToken);
    assert.equal(gone.status, 204);
    await sweep();
    assert.deepEqual((await api(path)).body, seen, 'nobody sees a difference');
    const carried = await itemsOf(projectId, 'TEXT#');
    assert.deepEqual(
      carried.map(({ text, corrections }) => [text, corrections]),
      Array(2).fill(['Total 12.50\nlpoh Road\nThank you', { l2: 'lpoh Road' }]),
    );
    for (const page of await itemsOf(projectId, 'PAGE#')) {
      assert.ok(page.textId && !('text' in page) && !('corrections' in page));
    }
    await sweep();
    assert.deepEqual(await itemsOf(projectId, 'TEXT#'), carried);
    const restored = await alice.agent
      .post(`/api/v1/projects/${projectId}/pages/${other}/restore`)
      .set('x-csrf-token', alice.csrfToken);
    assert.deepEqual(linesOf(restored.body), ['Total 12.50', 'lpoh Road', 'Thank you']);
  });

  test('is not carried over from under a correction that comes meanwhile', async () => {
    const projectId = await addProject(paperlift, 'alice@example.com', 'Meanwhile');
    const pageId = await addOldPage(projectId);
    const { pages } = paperlift.services.stores;
    const seen = await pages.find(projectId, pageId);
    assert.ok(seen);
    const path = `/projects/${projectId}/pages/${pageId}`;
    assert.equal((await correct(path, 'Total 99.50')).status, 200);
    assert.equal(await pages.carryOver(seen), false);
    assert.deepEqual(linesOf((await api(path)).body), ['Total 99.50', 'lpoh Road', 'Thank you']);
    assert.equal((await itemsOf(projectId, 'TEXT#')).length, 1, 'nothing is left behind');
  });
});

test('a text is replaced as a whole: who reads meanwhile sees the one or the other, and none is left behind', async () => {
  const projectId = await addProject(paperlift, 'alice@example.com', 'Replaced');
  const pageId = await addPage(paperlift, projectId, lines);
  const path = `/projects/${projectId}/pages/${pageId}`;
  // the page is read, then corrected, then its text is read that is not there any more
  const held = paperlift.database.hold('GetItem', ({ body }) => body.includes(`TEXT#${pageId}#`));
  const reading = api(path).then(({ body }) => linesOf(body));
  await held.reached;
  const corrected = await correct(path, 'Total 1');
  assert.equal(corrected.status, 200);
  held.release();
  assert.deepEqual(await reading, ['Total 1', 'Ipoh Road', 'Thank you']);
  await Promise.all(
    ['2', '3', '4'].map((text, at) =>
      alice.agent
        .patch(`/api/v1${path}`)
        .set('x-csrf-token', alice.csrfToken)
        .send({ lines: [{ id: `l${at + 1}`, text }] }),
    ),
  );
  assert.deepEqual(linesOf((await api(path)).body), ['2', '3', '4']);
  const [page] = await itemsOf(projectId, 'PAGE#');
  const texts = await itemsOf(projectId, 'TEXT#');
  assert.deepEqual(
    texts.map(({ sk }) => sk),
    [`TEXT#${pageId}#${page?.textId}`],
  );
  await paperlift.services.stores.pages.remove(projectId, pageId);
  assert.deepEqual(await itemsOf(projectId, 'TEXT#'), []);
});

test('what lies in the first shard from before there were others is found', async () => {
  const projectId = await addProject(paperlift, 'alice@example.com', 'Unsharded');
  const TableName = paperlift.config.aws.dynamodb.table;
  const { documents } = paperlift.services.clients;
  for (const [sk, kind] of [
    ['PROJECT', 'PROJECT'],
    ['SUMMARY', 'CHANGED'],
    ['NAME', 'NAMES'],
  ]) {
    await documents.update({
      TableName,
      Key: { pk: `PROJECT#${projectId}`, sk },
      UpdateExpression: 'SET kindKey = :kind',
      ExpressionAttributeValues: { ':kind': kind },
    });
  }
  const carol = await paperlift.signIn('carol@example.com');
  for (const sort of ['changed', 'name', 'newest']) {
    const { text } = await carol.agent.get(`/?scope=all&sort=${sort}`);
    assert.match(text, /Unsharded/, sort);
  }
});

test('a project’s page takes one read of the project, and its review one more of the text', async () => {
  const projectId = await addProject(paperlift, 'alice@example.com', 'Counted');
  const pageId = await addPage(paperlift, projectId, lines);
  const project = `/projects/${projectId}`;
  const callsOf = async (path: string) => {
    await alice.agent.get(path); // derives what is stale
    paperlift.database.clear();
    assert.equal((await alice.agent.get(path)).status, 200);
    return paperlift.database.calls.map(({ operation }) => operation);
  };
  assert.deepEqual(await callsOf(`${project}/status`), ['BatchGetItem', 'Query']);
  assert.deepEqual(await callsOf(`${project}/exports`), ['BatchGetItem', 'Query']);
  assert.deepEqual(await callsOf(`/api/v1${project}/pages`), ['BatchGetItem', 'Query']);
  assert.deepEqual(await callsOf(`${project}/pages/${pageId}`), ['BatchGetItem', 'Query', 'GetItem']);
});

test('the keys of a page’s objects are stored without their folder, and whole for whoever asks', async () => {
  const { stores } = paperlift.services;
  const projectId = await addProject(paperlift, 'alice@example.com', 'Keys');
  const pageId = ulid();
  const folder = `projects/${projectId}/pages/${pageId}/`;
  const whole = {
    originalKey: `${folder}originals/1`,
    imageKey: `${folder}r1/a1/image.jpg`,
    thumbnailKey: `${folder}r1/a1/thumbnail.jpg`,
    detectionKey: `${folder}r1/a1/detection.json`,
  };
  const { originalKey, imageKey, thumbnailKey, detectionKey } = whole;
  await stores.pages.create(
    buildPage({ id: pageId, projectId, status: 'uploaded', revision: 1, originalKey }),
  );
  const claim = await stores.pages.claim({ projectId, pageId, revision: 1 }, 'test');
  assert.equal(claim.outcome, 'claimed');
  if (claim.outcome !== 'claimed') return;
  assert.equal(claim.item.originalKey, originalKey);
  const size = { preparedRotation: 0, width: 1, height: 2 };
  await stores.pages.savePrepared(claim.item, claim.lease, { ...size, imageKey, thumbnailKey });
  const read = { detectionKey, text: 'Total', wordCount: 1, doubtfulCount: 0 };
  await stores.pages.finishReady(claim.item, claim.lease, read);
  const pick = (page: object | undefined) =>
    Object.fromEntries(Object.keys(whole).map((name) => [name, (page as Record<string, unknown>)?.[name]]));
  const [item] = await itemsOf(projectId, 'PAGE#');
  assert.deepEqual(pick(item), {
    originalKey: '/originals/1',
    imageKey: '/r1/a1/image.jpg',
    thumbnailKey: '/r1/a1/thumbnail.jpg',
    detectionKey: '/r1/a1/detection.json',
  });
  const found = await stores.pages.find(projectId, pageId);
  assert.deepEqual(pick(found), whole);
  assert.deepEqual(pick((await stores.pages.list(projectId))[0]), whole);
  const again = `${folder}originals/2`;
  const revised = await stores.pages.reviseImage(found as Page, { originalKey: again });
  assert.equal(revised?.originalKey, again);
  assert.equal((await itemsOf(projectId, 'PAGE#'))[0]?.originalKey, '/originals/2');
});
