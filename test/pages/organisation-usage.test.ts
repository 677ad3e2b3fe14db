// What an organisation may use: refused clearly beyond it, and shown to its administrators.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { buildPdf } from '../support/documents.ts';
import { textJpeg } from '../support/images.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { browserOf, buildPerson } from '../support/session-of.ts';
import { waitFor } from '../support/wait.ts';

const gigabytes = 0.000_03; // 30 KB
let paperlift: Paperlift;
let folder: string;
let image: Buffer;
let clock = Date.parse('2026-11-30T23:30:00Z');
const [user, colleague, admin, elsewhere] = [
  buildPerson('Uma User', { organisationId: 'acme' }),
  buildPerson('Cleo Colleague', { organisationId: 'acme' }),
  buildPerson('Adam Admin', { organisationId: 'acme', groups: ['paperlift-admins'] }),
  buildPerson('Eli Elsewhere'),
];

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'paperlift-organisations-'));
  const file = path.join(folder, 'organisations.json');
  const acme = {
    id: 'acme',
    name: 'Acme Ltd',
    pagesPerMonth: 4,
    storageGigabytes: gigabytes,
    supportContact: 'help@acme.example',
  };
  await writeFile(file, JSON.stringify([acme]));
  paperlift = await startPaperlift({
    worker: true,
    textract: ['A page'],
    env: { ORGANISATIONS_FILE: file },
    now: () => new Date(clock),
  });
  image = await textJpeg(['Total'], { width: 300, height: 200 });
});
after(async () => {
  await paperlift.stop();
  await rm(folder, { recursive: true, force: true });
});

async function begin(person: typeof user) {
  const { agent, csrfToken } = await browserOf(paperlift, person);
  const api = (method: 'get' | 'post' | 'delete', url: string) =>
    agent[method](`/api/v1${url}`).set('x-csrf-token', csrfToken);
  const projectId = (await api('post', '/projects').send({ name: 'Usage' })).body.id;
  return {
    agent,
    api,
    projectId,
    upload: (data = image, name = 'a.jpg') =>
      api('post', `/projects/${projectId}/pages`).attach('files', data, name),
  };
}

const monthOf = async () => (await paperlift.services.stores.usage.view('acme')).pagesThisMonth;

test('pages of a month are counted over all people, refused beyond the limit, and begin again with the next month', async () => {
  const [one, other, outside] = [await begin(user), await begin(colleague), await begin(elsewhere)];
  for (const each of [one, one, other]) assert.equal((await each.upload()).status, 201);
  const twoPages = await one.upload(await buildPdf([{}, {}]), 'two.pdf');
  const importId = twoPages.body.imports[0].id;
  const failed = await waitFor('the import to be refused', async () => {
    const { body } = await one.api('get', `/projects/${one.projectId}/imports/${importId}`);
    return body.status === 'failed' ? body : undefined;
  });
  assert.equal(failed.failure.code, 'organisation-pages-reached');
  assert.equal(await monthOf(), 3, 'what was refused is not counted');
  assert.equal((await other.upload()).status, 201);
  const refused = await one.upload();
  assert.deepEqual([refused.status, refused.body.code], [429, 'organisation-pages-reached']);
  assert.ok(Number(refused.headers['retry-after']) <= 1800, 'until the month ends');
  assert.equal((await outside.upload()).status, 201, 'another organisation is not concerned');
  clock += 40 * 60_000;
  assert.equal((await one.upload()).status, 201);
  assert.equal(await monthOf(), 1);
});

test('storage is added up from what the projects hold; beyond the limit nothing is added until something is deleted', async () => {
  const { holdings } = paperlift.services;
  const big = await begin(user);
  const large = await textJpeg(['Large'], { width: 3000, height: 2000 });
  assert.ok(large.length > 30_000, `${large.length} bytes`);
  assert.equal((await big.upload(large)).status, 201);
  await waitFor('the sum to have it', async () => {
    await paperlift.services.summaries.refresh(big.projectId);
    await holdings.addUp('acme');
    return ((await paperlift.services.stores.usage.view('acme')).holdings?.bytes ?? 0) > 30_000
      ? true
      : undefined;
  });
  const refused = await big.upload();
  assert.deepEqual([refused.status, refused.body.code], [403, 'organisation-storage-full']);
  assert.match(refused.body.detail, /storage of 0 GB is full/);
  await big.api('delete', `/projects/${big.projectId}`);
  await holdings.addUp('acme');
  const next = await begin(user);
  assert.equal((await next.upload()).status, 201);
});

test('administrators see what is used of what may be, and whom their people are told to ask', async () => {
  const { agent } = await browserOf(paperlift, admin);
  const { text } = await agent.get('/admin');
  assert.match(text, /Acme Ltd/);
  assert.match(text, /Pages this month[\s\S]*?\d of 4/);
  assert.match(text, /Storage[\s\S]*? of 29 KB in \d+ projects/);
  assert.doesNotMatch(text, /Paperlift Users → paperlift-users/, 'the groups of another organisation');
});

test('a worker adds up once an hour', async () => {
  const { usage } = paperlift.services.stores;
  clock += 3600_001;
  assert.deepEqual([await usage.claimAddingUp('x'), await usage.claimAddingUp('x')], [true, false]);
  clock += 3600_000;
  assert.equal(await usage.claimAddingUp('x'), true);
});
