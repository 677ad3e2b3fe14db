// What people do to the pile of pages, over HTTP: undo, fences, several at once, and what belongs to others.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { composeWorker } from '../../src/compose-worker.ts';
import type { Page } from '../../src/pages/page.ts';
import { textJpeg } from '../support/images.ts';
import { whitePng } from '../support/odd-images.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { addPile } from '../support/piles.ts';

let paperlift: Paperlift;
let moment = new Date();
type Client = Awaited<ReturnType<Paperlift['signIn']>>;
let alice: Client;
let bob: Client;
let carol: Client;
before(async () => {
  paperlift = await startPaperlift({ now: () => moment, env: { DETECTIONS_PER_MINUTE: '40' } });
  moment = new Date(); // sign-ins are checked against the provider's clock
  alice = await paperlift.signIn('alice@example.com');
  bob = await paperlift.signIn('bob@example.com');
  carol = await paperlift.signIn('carol@example.com');
});
after(() => paperlift.stop());

const post = ({ agent, csrfToken }: Client, path: string, fields: object) =>
  agent
    .post(path)
    .type('form')
    .redirects(0)
    .send({ _csrf: csrfToken, ...fields });
const api = ({ agent, csrfToken }: Client, method: 'get' | 'delete' | 'post' | 'patch', path: string) =>
  agent[method](`/api/v1${path}`).set('x-csrf-token', csrfToken);

/** The pages' first lines, in their order. */
async function orderOf(projectId: string): Promise<string[]> {
  const pages = await paperlift.services.stores.pages.list(projectId);
  return pages.map(({ preview = '' }) => preview.split('\n')[0]?.replace('Receipt ', '') ?? '');
}

async function actionsOf(projectId: string): Promise<string[]> {
  const { text } = await carol.agent.get(`/admin/audit.csv?project=${projectId}`);
  return [...text.matchAll(/page\.\w+/g)].map(([action]) => action);
}

const pileOf = (count: number, overridesOf?: (index: number) => Partial<Page>) =>
  addPile(paperlift, 'alice@example.com', { count, ...(overridesOf ? { overridesOf } : {}) });

describe('a deleted page', () => {
  test('is nowhere any more, and is put back in its place with its text and corrections', async () => {
    const { projectId, pageIds, path } = await pileOf(3, () => ({
      position: 7,
      corrections: { l1: 'Mine' },
      edits: 1,
    }));
    const page = `${path}/pages/${pageIds[1]}`;
    assert.equal((await api(alice, 'delete', page)).status, 204);
    for (const address of [page, `${page}/image`, `${page}/thumbnail`])
      assert.equal((await api(alice, 'get', address)).body.code, 'page-not-found', address);
    assert.equal((await api(alice, 'delete', page)).status, 404);
    assert.equal((await api(alice, 'patch', page).send({ number: 1 })).status, 404);
    assert.equal((await api(alice, 'get', `${path}/pages`)).body.items.length, 2);
    assert.equal((await api(alice, 'get', path)).body.pageCount, 2);
    const { text } = await alice.agent.get(path);
    assert.match(text, /Page 2 was deleted\./);
    assert.doesNotMatch(text, new RegExp(`open-${pageIds[1]}`));

    // somebody moves a page meanwhile; between pages of one file there is no room, so all get other places
    await api(alice, 'patch', `${path}/pages/${pageIds[2]}`).send({ number: 1 });
    const back = await api(alice, 'post', `${page}/restore`);
    assert.equal(back.status, 200);
    assert.equal(back.body.number, 3);
    const found = await paperlift.services.stores.pages.findWithText(projectId, pageIds[1] as string);
    assert.deepEqual(found?.corrections, { l1: 'Mine' });
    assert.match(found?.text ?? '', /Receipt 2/);
    assert.ok(!('dueKey' in (found ?? {})), 'nothing is to become of it');
    assert.deepEqual(await orderOf(projectId), ['3', '1', '2'], 'behind the page that it was behind');
    assert.deepEqual(
      (await actionsOf(projectId)).filter((action) => /deleted|restored/.test(action)).sort(),
      ['page.deleted', 'page.restored'],
    );
  });

  test('comes back with all that were deleted together, and with no other', async () => {
    const { projectId, pageIds, path } = await pileOf(5);
    for (const page of [[pageIds[0], pageIds[3]], [pageIds[1]]])
      await post(alice, `${path}/batch`, { do: 'delete', page });
    assert.deepEqual(await orderOf(projectId), ['3', '5']);
    const { text } = await alice.agent.get(path);
    assert.match(text, /Pages 1 and 4 were deleted\./);
    const [, first] = /Pages 1 and 4[\s\S]*?name="deletion" value="(\w+)"/.exec(text) ?? [];
    assert.equal((await post(alice, `${path}/undo`, { deletion: first })).status, 303);
    assert.deepEqual(await orderOf(projectId), ['1', '3', '4', '5']);
    assert.equal((await post(alice, `${path}/undo`, { deletion: first })).status, 303, 'pressed twice');
    assert.match((await alice.agent.get(path)).text, /Page 1 was deleted\./, 'it was the first by then');
  });

  test('fences off the worker that holds it; put back, it waits for a worker again', async () => {
    const { projectId, pageIds, path } = await pileOf(1, () => ({ status: 'uploaded' }));
    const [pageId] = pageIds as [string];
    const { pages } = paperlift.services.stores;
    const claim = await pages.claim({ projectId, pageId, revision: 1 }, 'worker');
    assert.equal(claim.outcome, 'claimed');
    if (claim.outcome !== 'claimed') return;
    const page = claim.item as unknown as Page;
    await api(alice, 'delete', `${path}/pages/${pageId}`);
    const result = { detectionKey: 'x', text: 'late', wordCount: 1, doubtfulCount: 0 };
    assert.equal(await pages.finishReady(page, claim.lease, result), false);
    assert.equal((await pages.claim({ projectId, pageId, revision: 1 }, 'worker')).outcome, 'over');
    await api(alice, 'post', `${path}/pages/${pageId}/restore`);
    assert.equal(await pages.finishReady(page, claim.lease, result), false, 'still fenced off');
    assert.equal((await pages.find(projectId, pageId))?.status, 'uploaded');
    assert.equal((await pages.claim({ projectId, pageId, revision: 1 }, 'another')).outcome, 'claimed');
  });

  test('of two who delete it at once belongs to the first one’s deletion, told twice or not', async () => {
    const { projectId, pageIds } = await pileOf(1);
    const deleteAs = (deletionId: string) =>
      paperlift.services.stores.pages.markDeleted(
        { projectId, id: pageIds[0] as string },
        { deletionId, number: 1, by: 'Alice' },
      );
    assert.deepEqual([await deleteAs('a'), await deleteAs('b'), await deleteAs('a')], [true, false, true]);
  });

  test('cannot be put back once it is being erased', async () => {
    const { projectId, pageIds, path } = await pileOf(1);
    const [pageId] = pageIds as [string];
    const { pages } = paperlift.services.stores;
    await api(alice, 'delete', `${path}/pages/${pageId}`);
    assert.equal(await pages.beginErasing({ projectId, id: pageId }), true);
    assert.equal((await api(alice, 'post', `${path}/pages/${pageId}/restore`)).status, 409);
    assert.equal(await pages.find(projectId, pageId), undefined);
  });
});

describe('several pages at once', () => {
  test('move together, in their order, to the place that is asked for', async () => {
    const { projectId, pageIds, path } = await pileOf(6);
    for (const [chosen, number, expected] of [
      [['5', '2'], 1, '2 5 1 3 4 6'],
      [['2', '5', '1'], 99, '3 4 6 2 5 1'],
      [['1'], 2, '3 1 4 6 2 5'],
    ] as const) {
      const page = chosen.map((name) => pageIds[Number(name) - 1]);
      await post(alice, `${path}/batch`, { do: 'move', page, number });
      assert.equal((await orderOf(projectId)).join(' '), expected);
    }
  });

  test('of one file, which all have the same place, move apart', async () => {
    const { projectId, pageIds, path } = await pileOf(4, () => ({ position: 7 }));
    await post(alice, `${path}/batch`, { do: `move:${pageIds[3]}`, [`to-${pageIds[3]}`]: '2' });
    assert.deepEqual(await orderOf(projectId), ['1', '4', '2', '3']);
    await post(alice, `${path}/batch`, { do: 'enter', [`to-${pageIds[0]}`]: '4' });
    assert.deepEqual(await orderOf(projectId), ['4', '2', '3', '1'], 'the Enter key in a field moves, too');
  });

  test('are rotated either way at once; corrections and the review mark stay', async () => {
    const { projectId, pageIds, path } = await pileOf(2, (index) =>
      index === 0 ? { edits: 1, corrections: { l1: 'Mine' }, reviewedAt: '2026-11-01T10:00:00.000Z' } : {},
    );
    const pages = async () => {
      const found = await Promise.all(
        pageIds.map((id) => paperlift.services.stores.pages.find(projectId, id)),
      );
      return found.map((page) => [page?.rotation, page?.width, page?.status, page?.revision]);
    };
    const said = await post(alice, `${path}/batch`, { do: 'rotate-left', page: pageIds, fragment: 'yes' });
    assert.deepEqual(said.body, { said: '2 pages rotated left.', focus: '' });
    assert.deepEqual(await pages(), [
      [270, 800, 'ready', 1],
      [270, 800, 'ready', 1],
    ]);
    await post(alice, `${path}/batch`, { do: `rotate-right:${pageIds[0]}` });
    assert.deepEqual(await pages(), [
      [0, 600, 'ready', 1],
      [270, 800, 'ready', 1],
    ]);
    const first = await paperlift.services.stores.pages.findWithText(projectId, pageIds[0] as string);
    assert.deepEqual([first?.corrections, first?.reviewedAt], [{ l1: 'Mine' }, '2026-11-01T10:00:00.000Z']);
    assert.match(
      (await alice.agent.get(path)).text,
      new RegExp(`${pageIds[1]}/thumbnail\\?r=1&amp;rotation=270`),
    );
    assert.equal((await actionsOf(projectId)).filter((action) => action === 'page.rotated').length, 2);
  });

  test('that failed go back to the queue by one button', async () => {
    const passing = { code: 'tried-too-often', message: 'Try again later.' };
    const final = { code: 'page-unreadable', message: 'This page is damaged.' };
    const { projectId, pageIds, path } = await pileOf(4, (index) =>
      index < 3 ? { status: 'failed', failure: index < 2 ? passing : final } : {},
    );
    const shown = (await alice.agent.get(path)).text;
    assert.match(shown, /<strong>3 pages<\/strong> could not be processed/);
    assert.match(shown, /Retry 2 pages/);
    await post(alice, `${path}/batch`, { do: 'retry', page: pageIds });
    const pages = await paperlift.services.stores.pages.list(projectId);
    assert.deepEqual(
      pages.map(({ status }) => status),
      ['uploaded', 'uploaded', 'failed', 'ready'],
    );
    const futile = await post(alice, `${path}/batch`, { do: 'retry', page: pageIds[2] });
    assert.equal(futile.status, 409);
    assert.match(futile.text, /Trying again won’t help\. This page is damaged\./);
  });

  test('are all left alone when one of them is of another project, or of nobody', async () => {
    const hers = await pileOf(2);
    const own = await addPile(paperlift, 'bob@example.com', { count: 2 });
    const before = JSON.stringify(await paperlift.services.stores.pages.listEvenDeleted(hers.projectId));
    for (const action of ['delete', 'rotate-right', 'move', 'retry']) {
      const page = [own.pageIds[0], hers.pageIds[0]];
      const mixed = await post(bob, `${own.path}/batch`, { do: action, page, number: 2 });
      assert.equal(mixed.status, 404, action);
      const theirs = await post(bob, `${hers.path}/batch`, { do: action, page: hers.pageIds, number: 2 });
      assert.equal(theirs.status, 404, action);
    }
    assert.deepEqual(await orderOf(own.projectId), ['1', '2']);
    assert.equal(
      JSON.stringify(await paperlift.services.stores.pages.listEvenDeleted(hers.projectId)),
      before,
    );
    await post(alice, `${hers.path}/batch`, { do: 'delete', page: hers.pageIds });
    const [deleted] = await paperlift.services.stores.pages.listDeleted(hers.projectId);
    const deletion = deleted?.deletionId;
    assert.equal((await post(bob, `${hers.path}/undo`, { deletion })).status, 404);
    assert.equal((await post(bob, `${own.path}/undo`, { deletion })).status, 303);
    assert.deepEqual(await orderOf(hers.projectId), []);
  });

  test('are refused in words: none chosen, no position, too many, too often', async () => {
    const { pageIds, path, projectId } = await pileOf(1);
    const refused = async (fields: object, status: number, words: RegExp) => {
      const answer = await post(alice, `${path}/batch`, fields);
      assert.equal(answer.status, status);
      assert.match(answer.text, words);
    };
    await refused({ do: 'delete' }, 400, /No pages are selected/);
    await refused({ do: 'move', page: pageIds, number: 'x' }, 400, /position is missing or isn’t a number/);
    await refused({ do: 'burn', page: pageIds }, 400, /./);
    const many = Array(1001).fill(pageIds[0]);
    await refused({ do: 'delete', page: many }, 400, /Select 1000 pages or fewer/);
    await post(alice, `${path}/batch`, { do: 'retry', page: Array(40).fill(pageIds[0]) });
    await refused({ do: 'retry', page: Array(40).fill(pageIds[0]) }, 429, /Too many pages to process again/);
    assert.deepEqual(await orderOf(projectId), ['1']);
  });
});

test('a page is replaced by a form, and a file that is no image says why', async () => {
  const { projectId, pageIds, path } = await pileOf(1);
  const page = `${path}/pages/${pageIds[0]}`;
  const form = await alice.agent.get(`${page}/replace`);
  assert.match(form.text, /Replace page 1/);
  const send = (content: Buffer, name: string) =>
    alice.agent
      .post(`${page}/image`)
      .redirects(0)
      .field('_csrf', alice.csrfToken)
      .attach('files', content, name);
  const refuses = async (content: Buffer, name: string, status: number, says: RegExp) => {
    const refused = await send(content, name);
    assert.equal(refused.status, status, name);
    const said = /id="replace-error"[^>]*>([^<]*)</.exec(refused.text)?.[1] ?? '';
    assert.match(said, says);
    assert.doesNotMatch(said, /TIFF or PDF\.|Use [^.]*PDF/, 'names only what may replace a page');
    assert.match(refused.text, /<bdi>Pile<\/bdi>/, 'and leads back');
  };
  const pdf = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(2000, 'x')]);
  const lossless = await textJpeg(['x']);
  lossless.writeUInt8(0xc3, lossless.indexOf(Buffer.from([0xff, 0xc0])) + 1);
  await refuses(Buffer.from('no image'), 'notes.jpg', 415, /notes\.jpg: This isn’t an image or PDF/);
  await refuses(whitePng(10_001, 1), 'wide.png', 413, /10,001 × 1 pixels\. The limit is 10,000/);
  await refuses(lossless, 'x-ray.jpg', 415, /lossless JPEG/);
  await refuses(pdf, 'scan.pdf', 415, /can’t replace a single page\. Use JPEG, PNG, WebP, HEIC or AVIF/);
  await refuses(Buffer.alloc(0), 'empty.jpg', 400, /The file is empty/);
  const none = await alice.agent.post(`${page}/image`).field('_csrf', alice.csrfToken);
  assert.match(none.text, /id="replace-error"/);
  const two = await alice.agent
    .post(`${page}/image`)
    .field('_csrf', alice.csrfToken)
    .attach('files', lossless, 'a.jpg')
    .attach('files', lossless, 'b.jpg');
  assert.match(two.text, /id="replace-error"[^>]*>[^<]*Too many files/);
  const jpeg = (await api(alice, 'get', `${page}/image`)).body as Buffer;
  assert.equal((await send(jpeg, 'again.jpg')).status, 303);
  const replaced = await paperlift.services.stores.pages.find(projectId, pageIds[0] as string);
  assert.deepEqual([replaced?.revision, replaced?.fileName, replaced?.text], [2, 'again.jpg', undefined]);
});

test('a deleted page is erased with its objects after an hour, and cannot be put back then', async () => {
  const { projectId, pageIds, path } = await pileOf(2);
  const { blobs, dueItems, stores } = paperlift.services;
  const key = `projects/${projectId}/pages/${pageIds[0]}/r1/image.jpg`;
  await blobs.put(key, 'image', 'image/jpeg');
  await api(alice, 'delete', `${path}/pages/${pageIds[0]}`);
  const worker = composeWorker(paperlift.services);
  try {
    moment = new Date(moment.getTime() + 59 * 60_000);
    await worker.sweeper.sweep();
    assert.ok(await stores.pages.findEvenDeleted(projectId, pageIds[0] as string), 'not before its time');
    moment = new Date(moment.getTime() + 2 * 60_000);
    await worker.sweeper.sweep();
  } finally {
    moment = new Date(); // or nobody is signed in any more
    await worker.stop(0);
  }
  assert.equal(await stores.pages.findEvenDeleted(projectId, pageIds[0] as string), undefined);
  assert.equal(await blobs.head(key), undefined);
  assert.equal((await dueItems.list('DELETED_PAGE')).length, 0);
  assert.equal((await api(alice, 'post', `${path}/pages/${pageIds[0]}/restore`)).status, 404);
  assert.ok((await actionsOf(projectId)).includes('page.erased'));
  assert.deepEqual(await orderOf(projectId), ['2']);
});
