// How many pages a person may add in a day: told before, never exceeded, counted once whatever is lost on the way.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import request from 'supertest';
import { createPageAllowance } from '../../src/pages/page-allowance.store.ts';
import { buildPdf } from '../support/documents.ts';
import { noise } from '../support/odd-images.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { waitFor } from '../support/wait.ts';

const most = 5;
let paperlift: Paperlift;
let alice: Awaited<ReturnType<Paperlift['signIn']>>;
let personId: string;
let uploader: { id: string; organisationId: string };
let projectId: string;
let image: Buffer;

before(async () => {
  paperlift = await startPaperlift({
    worker: true,
    textract: ['A page'],
    databaseFaults: true,
    env: { PAGES_PER_DAY: String(most) },
  });
  alice = await paperlift.signIn('alice@example.com');
  image = await noise(60, 40).jpeg().toBuffer();
});
after(() => paperlift.stop());

beforeEach(async () => {
  projectId = (await post('/projects').send({ name: 'A day' })).body.id;
  personId = (await paperlift.services.stores.projects.find(projectId))?.ownerId ?? '';
  uploader = { id: personId, organisationId: 'default' };
  await beginNextDay();
});

const post = (path: string) => alice.agent.post(`/api/v1${path}`).set('x-csrf-token', alice.csrfToken);
const get = async (path: string) => (await alice.agent.get(`/api/v1${path}`)).body;
const upload = (...files: [Buffer, string][]) =>
  files.reduce(
    (sending, [file, name]) => sending.attach('files', file, name),
    post(`/projects/${projectId}/pages`),
  );
const photograph = () => upload([image, 'a.jpg']);
const pagesLeft = async () => (await get('/page-allowance')).pagesLeft as number;
const listPages = async () => (await get(`/projects/${projectId}/pages`)).items as { status: string }[];

/** Which finds no item of the day. */
async function beginNextDay() {
  const { clients, config } = paperlift.services;
  const Key = { pk: `PERSON#${personId}`, sk: `PAGES#${new Date().toISOString().slice(0, 10)}` };
  await clients.documents.delete({ TableName: config.aws.dynamodb.table, Key });
}

/** Leaves so many of the day's pages. */
const leave = (count: number) => paperlift.services.stores.allowance.take(uploader, most - count);

const pdfOf = (pages: number) =>
  buildPdf(Array.from({ length: pages }, (_, index) => ({ text: `Page ${index}` })));

test('is told before the upload: in the API, on the project page and to the phone', async () => {
  await photograph().expect(201);
  const { pagesPerDay, pagesLeft: left, resetsAt } = await get('/page-allowance');
  assert.deepEqual([pagesPerDay, left], [most, most - 1]);
  assert.match(resetsAt, /T00:00:00\.000Z$/);
  assert.ok(Date.parse(resetsAt) > Date.now());
  const page = async () => (await alice.agent.get(`/projects/${projectId}`)).text;
  assert.match(await page(), /You can add 4 more pages today\./);
  await leave(1);
  assert.match(await page(), /You can(’|&#39;)t add more pages today\. The limit is 5 pages a day\./);
});

test('pages beyond it are refused with 429, when it ends, and nothing is stored', async () => {
  await leave(0);
  const answer = await photograph();
  assert.deepEqual([answer.status, answer.body.code], [429, 'page-limit-reached']);
  assert.match(answer.body.detail, /The limit is 5 pages a day\. Try again after midnight UTC\./);
  assert.ok(Number(answer.headers['retry-after']) <= 24 * 60 * 60);
  const begun = await post(`/projects/${projectId}/uploads`).send({
    fileName: 'a.jpg',
    contentType: 'image/jpeg',
    size: image.length,
  });
  assert.deepEqual([begun.status, begun.body.code], [429, 'page-limit-reached']);
  assert.deepEqual(await listPages(), []);
});

test('a form with more images than are left is refused as a whole, and leaves them', async () => {
  await leave(2);
  const answer = await upload([image, 'a.jpg'], [image, 'b.jpg'], [image, 'c.jpg']);
  assert.equal(answer.status, 429);
  assert.match(answer.body.detail, /You can add 2 pages more today, but this is 3 pages\./);
  assert.equal(await pagesLeft(), 2);
  await upload([image, 'a.jpg'], [image, 'b.jpg']).expect(201);
  assert.equal(await pagesLeft(), 0);
});

test('of ten uploads at once exactly as many are accepted as are left', async () => {
  const answers = await Promise.all(Array.from({ length: 10 }, photograph));
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [...Array(most).fill(201), ...Array(10 - most).fill(429)]);
  assert.equal((await listPages()).length, most);
});

test('two instances count together', async () => {
  const { clients, config } = paperlift.services;
  const create = () =>
    createPageAllowance({
      documents: clients.documents,
      table: config.aws.dynamodb.table,
      pagesPerDay: most,
      usage: paperlift.services.stores.usage,
      now: () => new Date(),
    });
  const takes = [create(), create()].flatMap((one) => [1, 2, 3].map(() => one.take(uploader, 2)));
  const outcomes = await Promise.allSettled(takes);
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 2);
});

describe('an answer that is lost', () => {
  test('of the count: the page is counted once', async () => {
    let isLost = false;
    const stop = paperlift.database.when('UpdateItem', ({ body }) => {
      if (isLost || !body.includes('PAGES#')) return undefined;
      isLost = true;
      return { kind: 'lose-answer' };
    });
    try {
      await photograph().expect(201);
    } finally {
      stop();
    }
    assert.ok(isLost);
    assert.equal(await pagesLeft(), most - 1);
  });

  test('of the last page’s upload: sent again it is the same page, not a refusal', async () => {
    await leave(1);
    const [key, begunAt] = [randomUUID(), new Date().toISOString()];
    const send = () => photograph().set('upload-key', key).set('upload-begun-at', begunAt);
    const [first, second] = [await send(), await send()];
    assert.deepEqual([first.status, second.status], [201, 201]);
    assert.equal(second.body.items[0].id, first.body.items[0].id);
    assert.equal((await listPages()).length, 1);
  });
});

test('a presigned upload is counted when it becomes a page; completing it again counts nothing', async () => {
  const begun = await post(`/projects/${projectId}/uploads`).send({
    fileName: 'a.jpg',
    contentType: 'image/jpeg',
    size: image.length,
  });
  const { id, url, headers } = begun.body;
  await fetch(url, { method: 'PUT', headers, body: new Uint8Array(image) });
  const complete = () => post(`/projects/${projectId}/uploads/${id}/complete`);
  await leave(0);
  assert.equal((await complete()).body.code, 'page-limit-reached');
  await beginNextDay();
  await leave(1);
  await complete().expect(201);
  await complete().expect(201);
  assert.equal(await pagesLeft(), 0);
});

test('an image that is replaced counts: it is processed, too', async () => {
  const made = await photograph();
  await leave(2);
  const replace = () =>
    alice.agent
      .put(`/api/v1/projects/${projectId}/pages/${made.body.items[0].id}/image`)
      .set('x-csrf-token', alice.csrfToken)
      .attach('files', image, 'b.jpg');
  await waitFor('the page', async () =>
    (await listPages()).every(({ status }) => status === 'ready') ? true : undefined,
  );
  assert.equal((await replace()).status, 200);
  assert.equal(await pagesLeft(), 0);
  assert.equal((await replace()).status, 429);
});

describe('the pages of a file', () => {
  const findImport = async () => (await get(`/projects/${projectId}/imports`)).items[0];
  const ended = () =>
    waitFor('the import', async () => {
      const item = await findImport();
      return item?.status === 'done' || item?.status === 'failed' ? item : undefined;
    });

  test('count when it is split', async () => {
    await upload([await pdfOf(3), 'three.pdf']).expect(201);
    assert.equal((await ended()).status, 'done');
    assert.equal(await pagesLeft(), most - 3);
  });

  test('that has more than are left is kept, and can be tried again the next day', async () => {
    await leave(2);
    await upload([await pdfOf(3), 'three.pdf']).expect(201);
    const failed = await ended();
    assert.deepEqual(
      [failed.status, failed.failure.code, failed.failure.retryable],
      ['failed', 'page-limit-reached', true],
    );
    assert.match(failed.failure.message, /You can add 2 pages more today, but this is 3 pages\./);
    assert.deepEqual(await listPages(), []);
    await beginNextDay();
    await post(`/projects/${projectId}/imports/${failed.id}/retry`).expect(202);
    assert.equal(
      (
        await waitFor('the pages', async () =>
          (await findImport()).status === 'done' ? findImport() : undefined,
        )
      ).pagesDone,
      3,
    );
    assert.equal(await pagesLeft(), most - 3);
  });

  test('are counted once, however often the file is opened', async () => {
    const { allowance } = paperlift.services.stores;
    await allowance.takeFile(uploader, 'a-file', 3);
    await allowance.takeFile(uploader, 'a-file', 3);
    assert.equal(await pagesLeft(), most - 3);
  });
});

test('a phone’s pages count as those of the person who made the link', async () => {
  const link = await alice.agent
    .post(`/projects/${projectId}/phone-links`)
    .type('form')
    .send({ _csrf: alice.csrfToken });
  const token = /\/phone#([\w-]{43})"/.exec(link.text)?.[1];
  const phone = request.agent(paperlift.url);
  const signedIn = await phone.post('/api/phone/sign-in').send({ token });
  assert.equal(signedIn.body.allowance.pagesLeft, most);
  const send = () =>
    phone
      .post('/api/phone/pages')
      .set('x-csrf-token', signedIn.body.csrfToken)
      .attach('files', image, { filename: 'page.jpg', contentType: 'image/jpeg' });
  await send().expect(201);
  assert.equal(await pagesLeft(), most - 1);
  await leave(1);
  assert.equal((await send()).body.code, 'page-limit-reached');
});
