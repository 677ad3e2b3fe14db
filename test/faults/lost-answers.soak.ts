// DynamoDB carries a write out and its answer is lost: the SDK sends the write again, which then fails the condition that
// the first one changed. Each use case is run once while the proxy records which kinds of write it makes; then it is run
// again, and the first write of each kind loses its answer. What people are answered and what lies in the table must be
// the same, and every kind must have come.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocument, ScanCommand } from '@aws-sdk/lib-dynamodb';
import sharp from 'sharp';
import request, { type Response } from 'supertest';
import { composeWorker } from '../../src/compose-worker.ts';
import { buildPdf } from '../support/documents.ts';
import type { Call } from '../support/fault-proxy.ts';
import { localPersonId } from '../support/local-people.ts';
import { answerOfProvider, type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { inDefault } from '../support/people.ts';
import { sessionCookieOf } from '../support/sessions.ts';

type Browser = Awaited<ReturnType<Paperlift['signIn']>>;
type Item = Record<string, unknown>;

let paperlift: Paperlift;
let worker: ReturnType<typeof composeWorker>;
let table: DynamoDBDocument;
let alice: Browser;
let carol: Browser;
let image: Buffer;
let other: Buffer;
let pdf: Buffer;

before(async () => {
  paperlift = await startPaperlift({
    textract: ['Tota1 l2.50'],
    databaseFaults: true,
    env: {
      SIGN_INS_PER_MINUTE: '0',
      UPLOADS_PER_MINUTE: '0',
      DETECTIONS_PER_MINUTE: '0',
      EXPORTS_PER_MINUTE: '0',
    },
  });
  worker = composeWorker(paperlift.services);
  const endpoint = paperlift.standIns.env.DYNAMODB_ENDPOINT as string;
  table = DynamoDBDocument.from(new DynamoDBClient({ region: 'us-east-1', endpoint }));
  const draw = (background: string) =>
    sharp({ create: { width: 64, height: 48, channels: 3, background } })
      .jpeg()
      .toBuffer();
  [image, other] = await Promise.all([draw('#eee'), draw('#ddd')]);
  pdf = await buildPdf([{ image }, { image }]);
  [alice, carol] = [await paperlift.signIn('alice@example.com'), await paperlift.signIn('carol@example.com')];
  const bob = await paperlift.signIn('bob@example.com');
  for (const person of [alice, bob, carol]) await addProject(person); // so that their trails have begun
  await submit('/auth/logout-everywhere', {}, bob);
});
after(async () => {
  table?.destroy();
  await worker?.stop(1000);
  await paperlift?.stop();
});

const api = (
  method: 'get' | 'post' | 'put' | 'patch' | 'delete',
  path: string,
  body?: object,
  person: Browser = alice,
) =>
  person.agent[method](`/api/v1${path}`)
    .set('x-csrf-token', person.csrfToken)
    .send(body as object);
const submit = (path: string, fields: object = {}, person: Browser = alice) =>
  person.agent
    .post(path)
    .type('form')
    .send({ _csrf: person.csrfToken, ...fields });

async function addProject(person = alice): Promise<string> {
  const { body, status } = await api('post', '/projects', { name: 'Receipts' }, person);
  assert.equal(status, 201);
  return body.id;
}

const upload = (projectId: string, file = image, name = 'scan.jpg') =>
  api('post', `/projects/${projectId}/pages`).attach('files', file, name);

async function addPage() {
  const projectId = await addProject();
  const { body } = await upload(projectId);
  return {
    projectId,
    pageId: body.items[0].id as string,
    path: `/projects/${projectId}/pages/${body.items[0].id}`,
  };
}

type PageOfProject = Awaited<ReturnType<typeof addPage>>;

const work = (queue: 'pages' | 'exports', job: object) =>
  worker.handlers[queue](job, new AbortController().signal);
const detect = ({ projectId, pageId }: PageOfProject) => work('pages', { projectId, pageId, revision: 1 });

async function addReadPage() {
  const page = await addPage();
  assert.deepEqual(await detect(page), { done: true });
  return page;
}

async function addImport() {
  const projectId = await addProject();
  const { body } = await upload(projectId, pdf, 'scan.pdf');
  return { projectId, importId: body.imports[0].id as string };
}

async function addExport() {
  const { projectId } = await addReadPage();
  const { body } = await api('post', `/projects/${projectId}/exports`, { format: 'txt' });
  return { projectId, exportId: body.id as string };
}

async function addPresignedUpload() {
  const projectId = await addProject();
  const announced = { fileName: 'scan.jpg', contentType: 'image/jpeg', size: image.length };
  const { body } = await api('post', `/projects/${projectId}/uploads`, announced);
  await fetch(body.url, { method: 'PUT', headers: body.headers, body: new Uint8Array(image) });
  return { projectId, uploadId: body.id as string };
}

async function linkPhone() {
  const projectId = await addProject();
  const { text } = await submit(`/projects/${projectId}/phone-links`);
  return { projectId, token: /\/phone#([\w-]{43})"/.exec(text)?.[1] as string };
}

async function deletePage() {
  const page = await addReadPage();
  await api('delete', page.path);
  return page;
}

interface UseCase<Prepared> {
  prepare: () => Promise<Prepared>;
  act: (prepared: Prepared) => Promise<unknown>;
  /** What must hold afterwards, beyond what is the same as without the fault. */
  check?: (prepared: Prepared) => Promise<void>;
}

const useCase = <Prepared>(given: UseCase<Prepared>) => given as UseCase<unknown>;
/** A page that waits for Alice's review. */
async function addWaitingPage() {
  const page = await addReadPage();
  const project = `/projects/${page.projectId}`;
  await api('patch', project, { assigneeId: localPersonId(paperlift, 'alice@example.com') });
  return { ...page, project };
}

/** Bob, with no other session. */
async function signInAlone() {
  await submit(`/admin/people/${localPersonId(paperlift, 'bob@example.com')}/logout-everywhere`, {}, carol);
  return paperlift.signIn('bob@example.com');
}

const signOutsOf = async (email: string) =>
  (await paperlift.services.people.find(localPersonId(paperlift, email)))?.signOuts ?? 0;

const useCases: Record<string, UseCase<unknown>> = {
  'a sign-in': useCase({
    async prepare() {
      await (await paperlift.signIn('bob@example.com')).agent.get('/'); // derives summaries that are stale
      const agent = request.agent(paperlift.url);
      return { agent, form: await answerOfProvider(agent, 'bob@example.com') };
    },
    async act({ agent, form }) {
      const signedIn = await agent.post('/auth/saml/acs').type('form').send(form);
      return [said(signedIn), said(await agent.get('/'))];
    },
    async check({ agent, form }) {
      const replays = await Promise.all(
        [1, 2].map(() => agent.post('/auth/saml/acs').type('form').send(form)),
      );
      for (const { status } of replays) assert.equal(status, 403, 'a replay is refused');
    },
  }),
  'the start of a sign-in': useCase({
    prepare: async () => request.agent(paperlift.url),
    act: async (agent) =>
      said(await answerOfProvider(agent, 'bob@example.com').then(() => agent.get('/auth/signed-out'))),
  }),
  'a sign-out': useCase({
    prepare: () => paperlift.signIn('bob@example.com'),
    act: async (bob) => [said(await submit('/auth/logout', {}, bob)), said(await bob.agent.get('/'))],
  }),
  'a sign-out everywhere': useCase({
    prepare: async () => ({
      bob: await signInAlone(),
      before: await signOutsOf('bob@example.com'),
    }),
    act: async ({ bob }) => [
      said(await submit('/auth/logout-everywhere', {}, bob)),
      said(await bob.agent.get('/')),
    ],
    check: async ({ before }) => assert.equal(await signOutsOf('bob@example.com'), before + 1),
  }),
  'the end of one session': useCase({
    async prepare() {
      await submit(
        `/admin/people/${localPersonId(paperlift, 'bob@example.com')}/logout-everywhere`,
        {},
        carol,
      );
      const [here, there] = [
        await paperlift.signIn('bob@example.com'),
        await paperlift.signIn('bob@example.com'),
      ];
      const own = sessionCookieOf(there.answer);
      const { text } = await there.agent.get('/account');
      const handles = [...text.matchAll(/sessions\/([^/"]+)\/end/g)].map(([, handle]) => handle);
      assert.equal(handles.length, 2, own && 'this one first');
      return { here, there, handle: handles[1] };
    },
    act: async ({ here, there, handle }) => [
      said(await submit(`/account/sessions/${handle}/end`, {}, there)),
      said(await here.agent.get('/')),
    ],
  }),
  'a person who is kept out, and let in again': useCase({
    async prepare() {
      return {
        path: `/admin/people/${localPersonId(paperlift, 'bob@example.com')}`,
        bob: await signInAlone(),
        before: await signOutsOf('bob@example.com'),
      };
    },
    act: async ({ path }) => [
      said(await submit(`${path}/disable`, {}, carol)),
      said(await submit(`${path}/enable`, {}, carol)),
    ],
    check: async ({ before }) => assert.equal(await signOutsOf('bob@example.com'), before + 1),
  }),
  'a new project': useCase({
    prepare: async () => undefined,
    act: async () => said(await api('post', '/projects', { name: 'Receipts' })),
  }),
  'a project that is renamed': useCase({
    prepare: () => addProject(),
    act: async (id) => said(await api('patch', `/projects/${id}`, { name: 'Invoices of May' })),
  }),
  'a project and a page that are assigned, and no more': useCase({
    prepare: async () => ({
      ...(await addReadPage()),
      assigneeId: localPersonId(paperlift, 'alice@example.com'),
    }),
    async act({ projectId, path, assigneeId }) {
      const project = `/projects/${projectId}`;
      const answers = [
        await api('patch', project, { assigneeId }),
        await api('patch', path, { assigneeId }),
        await api('patch', path, { assigneeId: null }),
        await api('patch', project, { assigneeId: null }),
      ];
      return answers.map(said);
    },
  }),
  'a page that is claimed, looked at, released and reviewed': useCase({
    prepare: addWaitingPage,
    async act({ path }) {
      const answers = [
        await submit(`${path}/claim`),
        await submit(`${path}/presence`),
        await submit(`${path}/release`),
        await submit(`${path}/claim`),
        await api('patch', path, { reviewed: true }),
      ];
      return answers.map(({ status }) => status);
    },
    async check({ projectId, pageId }) {
      const page = await paperlift.services.stores.pages.find(projectId, pageId);
      assert.deepEqual([page?.reviewClaim, page?.reviewedBy], [undefined, 'Alice Archer']);
    },
  }),
  'a project that is deleted': useCase({
    prepare: addReadPage,
    act: async ({ projectId }) => said(await api('delete', `/projects/${projectId}`)),
  }),
  'an upload of a page and a document': useCase({
    prepare: () => addProject(),
    act: async (id) => said(await upload(id).attach('files', pdf, 'scan.pdf')),
  }),
  'a presigned upload that is begun': useCase({
    prepare: () => addProject(),
    act: async (id) => {
      const { status } = await api('post', `/projects/${id}/uploads`, {
        fileName: 'scan.jpg',
        contentType: 'image/jpeg',
        size: image.length,
      });
      return status;
    },
  }),
  'a presigned upload that is completed': useCase({
    prepare: addPresignedUpload,
    act: async ({ projectId, uploadId }) =>
      said(await api('post', `/projects/${projectId}/uploads/${uploadId}/complete`)),
  }),
  'a page that is claimed, read and finished': useCase({ prepare: addPage, act: detect }),
  'a page that cannot be read': useCase({
    async prepare() {
      const page = await addPage();
      const { stores, blobs } = paperlift.services;
      const { originalKey = '' } = (await stores.pages.find(page.projectId, page.pageId)) ?? {};
      await blobs.put(originalKey, 'no image', 'image/jpeg');
      return page;
    },
    act: detect,
  }),
  'a page whose storage is away, given back': useCase({
    async prepare() {
      const page = await addPage();
      return page;
    },
    act: ({ projectId, pageId }) =>
      worker.handlers.pages(
        { projectId, pageId, revision: 1 },
        AbortSignal.abort(new Error('the process ends')),
      ),
  }),
  'corrections and accepted words': useCase({
    prepare: addReadPage,
    act: async ({ path }) => said(await api('patch', path, { lines: [{ id: 'l1', text: 'Total 12.50' }] })),
  }),
  'an accepted word': useCase({
    prepare: addReadPage,
    act: async ({ path }) => said(await api('patch', path, { words: [{ id: 'l1.1', accepted: true }] })),
  }),
  'a page that is marked as reviewed': useCase({
    prepare: addReadPage,
    act: async ({ path }) => said(await api('patch', path, { reviewed: true })),
  }),
  'a page that is moved': useCase({
    async prepare() {
      const page = await addPage();
      await upload(page.projectId, other);
      return page;
    },
    act: async ({ path }) => said(await api('patch', path, { number: 2 })),
  }),
  'a page that is rotated': useCase({
    prepare: addReadPage,
    act: async ({ path }) => said(await api('patch', path, { rotation: 90 })),
  }),
  'an image that is replaced': useCase({
    prepare: addReadPage,
    act: async ({ path }) => said(await api('put', `${path}/image`).attach('files', other, 'new.jpg')),
  }),
  'a page that is deleted': useCase({
    prepare: addReadPage,
    act: async ({ path }) => said(await api('delete', path)),
  }),
  'a deleted page that is restored': useCase({
    prepare: deletePage,
    act: async ({ path }) => said(await api('post', `${path}/restore`)),
  }),
  'a deleted page that is erased': useCase({
    async prepare() {
      const { projectId } = await deletePage();
      return (await paperlift.services.stores.pages.listDeleted(projectId))[0];
    },
    act: async (page) => paperlift.services.pageActions.erase(page as never),
  }),
  'an export that is requested': useCase({
    prepare: addReadPage,
    act: async ({ projectId }) =>
      said(await api('post', `/projects/${projectId}/exports`, { format: 'txt' })),
  }),
  'an export that is claimed and finished': useCase({
    prepare: addExport,
    act: (job) => work('exports', job),
  }),
  'an export that is deleted': useCase({
    prepare: addExport,
    act: async ({ projectId, exportId }) =>
      said(await api('delete', `/projects/${projectId}/exports/${exportId}`)),
  }),
  'a document that is split': useCase({ prepare: addImport, act: (job) => work('pages', job) }),
  'an import that is cancelled': useCase({
    prepare: addImport,
    act: async ({ projectId, importId }) =>
      said(await api('delete', `/projects/${projectId}/imports/${importId}`)),
  }),
  'a phone link that is made': useCase({
    prepare: () => addProject(),
    act: async (id) => (await submit(`/projects/${id}/phone-links`)).status,
  }),
  'a phone that signs in, adds a page and signs out': useCase({
    prepare: linkPhone,
    async act({ token }) {
      const agent = request.agent(paperlift.url);
      const signedIn = await agent.post('/api/phone/sign-in').send({ token });
      const csrf = String(signedIn.body.csrfToken);
      const sent = await agent
        .post('/api/phone/pages')
        .set('x-csrf-token', csrf)
        .attach('files', image, 'scan.jpg');
      const out = await agent.post('/api/phone/sign-out').set('x-csrf-token', csrf);
      return [signedIn.status, sent.status, out.status];
    },
  }),
  'what the sweeper finds': useCase({
    async prepare() {
      const { projectId, pageId } = await addPage();
      const page = await paperlift.services.stores.pages.findWithText(projectId, pageId);
      return page as unknown as Item;
    },
    act: (item) => paperlift.services.dueItems.defer(item, 1000),
  }),
  'a summary that is derived': useCase({
    prepare: addReadPage,
    act: async ({ projectId }) => void (await paperlift.services.summaries.refresh(projectId)),
  }),
};

describe('an answer of DynamoDB that is lost after the write changes nothing', () => {
  const kindsSeen = new Set<string>();

  for (const [name, { prepare, act, check }] of Object.entries(useCases)) {
    test(name, async () => {
      const { outcome: expected, kinds } = await run();
      assert.ok(kinds.size > 0, 'the use case writes something');
      const { outcome, lost } = await run(kinds);
      assert.deepEqual([...lost].sort(), [...kinds].sort());
      assert.deepEqual(outcome, expected);
      for (const kind of kinds) kindsSeen.add(kind);
    });

    /** The answer to the first write of each of these kinds is lost. */
    async function run(toLose = new Set<string>()) {
      const { database, services } = paperlift;
      await forgetPagesOfToday();
      const prepared = await prepare();
      await services.settle(5000);
      const before = await readTable();
      database.clear();
      const lost = new Set<string>();
      database.when(/Item$/, (call) => {
        if (!isWrite(call)) return undefined;
        const kind = kindOf(call);
        if (!toLose.has(kind) || lost.has(kind)) return undefined;
        lost.add(kind);
        return { kind: 'lose-answer' };
      });
      const answer = await act(prepared).catch((error) => ({ rejected: String(error) }));
      await services.settle(5000);
      const kinds = new Set(database.calls.filter(isWrite).map(kindOf));
      database.clear();
      const changed = changesBetween(before, await readTable());
      for (const trail of trailsIn(changed)) {
        assert.equal((await checkTrail(trail)).intact, true, `the trail ${trail} is as it was written`);
      }
      await check?.(prepared);
      return { outcome: { answer: withoutIds(answer), changed: sorted(withoutIds(changed)) }, kinds, lost };
    }
  }

  test('each conditional write stores what it is recognized by', () => {
    const conditional = [...kindsSeen].filter((kind) => / if /.test(kind));
    assert.ok(conditional.length > 20, String(conditional.length));
    const unknown = conditional.filter(
      (kind) => !/writeId/.test(kind) && !/AUDIT#|DeleteItem INDEX#/.test(kind),
    );
    assert.deepEqual(unknown, []);
  });
});

const said = ({ status, headers, body }: Response) => ({
  status,
  location: headers.location,
  body: /json/.test(headers['content-type'] ?? '') ? body : undefined,
});

/** A session that is used is moved on once a minute, in whichever use case that is. A rate limit may count twice. */
const isWrite = ({ operation, body }: Call) =>
  /^(Put|Update|Delete|BatchWrite)Item$/.test(operation) &&
  !/SET writeId = :writeId, idleUntil|"RATE#/.test(body.toString());

/** What a write is, whatever it is written of. */
function kindOf({ operation, body }: Call): string {
  const input = JSON.parse(body.toString());
  const { pk, sk } = input.Key ?? input.Item ?? {};
  const prefix = (key?: { S: string }) => key?.S.split('#')[0]?.replace(/[0-9A-Z]{26}|[\w-]{43}/, '');
  return [
    operation,
    pk && `${prefix(pk)}#`,
    sk && prefix(sk),
    input.UpdateExpression,
    input.Item?.writeId && 'writeId',
    input.ConditionExpression && `if ${input.ConditionExpression}`,
  ]
    .filter(Boolean)
    .join(' ');
}

/** Each run counts the pages that a person adds in a day from none. */
async function forgetPagesOfToday() {
  const TableName = paperlift.config.aws.dynamodb.table;
  for (const { pk, sk } of (await readTable()).values()) {
    if (String(sk).startsWith('PAGES#')) await table.send(new DeleteCommand({ TableName, Key: { pk, sk } }));
  }
}

async function readTable(): Promise<Map<string, Item>> {
  const items = new Map<string, Item>();
  let from: Item | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await table.send(
      new ScanCommand({ TableName: paperlift.config.aws.dynamodb.table, ExclusiveStartKey: from }),
    );
    for (const item of Items) if (item.sk !== 'RATE') items.set(`${item.pk} ${item.sk}`, item);
    from = LastEvaluatedKey;
  } while (from);
  return items;
}

const whatCounts = (item?: Item) =>
  JSON.stringify(item, (name, value) => (ofNoAccount.includes(name) ? undefined : value));

/** What was written and what is gone. */
function changesBetween(
  before: Map<string, Item>,
  now: Map<string, Item>,
): { written: Item[]; gone: string[] } {
  const written = [...now].filter(([key, item]) => whatCounts(item) !== whatCounts(before.get(key)));
  return {
    written: written.map(([, item]) => item),
    gone: [...before.keys()].filter((key) => !now.has(key)),
  };
}

function trailsIn({ written }: { written: Item[] }) {
  const trails = written.map(({ trail }) => trail).filter((trail) => typeof trail === 'string');
  return [...new Set(trails)] as `project:${string}`[];
}

const checkTrail = (trail: `project:${string}`) =>
  paperlift.services.audit.check(
    { id: 'auditor', name: 'Auditor', email: '', groups: [paperlift.config.groups.auditors], ...inDefault },
    trail,
  );

/** In an order that no id has a part in. */
function sorted(changed: unknown) {
  const { written, gone } = changed as { written: Item[]; gone: string[] };
  return { written: written.map((item) => JSON.stringify(item)).sort(), gone: gone.sort() };
}

const ofNoAccount = ['writeId', 'announced', 'number', 'requestId', 'usedAt', 'idleUntil', 'signOuts'];

/** Which shard an item lies in follows from its id. */
const shardedKey =
  /^(WORDS#.|TRAIL#\w+|SIGN-INS|PAGE|DELETED_PAGE|SUMMARY|INDEX|(?:OLD_)?EXPORT|IMPORT|UPLOAD|PROJECT|MIRROR|CHANGED|NAMES|PERSON)#\d$/u;

/** The same whatever ids, times and hashes there are; without what says only that something was written. */
function withoutIds(value: unknown): unknown {
  if (typeof value === 'number') return value >= 1e9 ? 'NUMBER' : value;
  if (typeof value === 'string') {
    return value
      .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'UUID')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replace(/[0-9a-f]{64}|[\w-]{43}|\b_[0-9a-f]{40}\b/g, 'HASH')
      .replace(/[0-9A-HJKMNP-TV-Z]{26}/g, 'ULID')
      .replace(/ENTRY#\d+/g, 'ENTRY#')
      .replace(shardedKey, '$1');
  }
  if (Array.isArray(value)) return value.map(withoutIds);
  if (value === null || typeof value !== 'object') return value;
  const counted = Object.entries(value).filter(([name]) => !ofNoAccount.includes(name));
  return Object.fromEntries(counted.map(([name, inner]) => [name, withoutIds(inner)]));
}
