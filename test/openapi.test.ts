import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import request, { type Response } from 'supertest';
import { brokenPdf } from './support/documents.ts';
import { textJpeg } from './support/images.ts';
import { localPersonId } from './support/local-people.ts';
import { type Paperlift, startPaperlift } from './support/paperlift.ts';
import { waitFor } from './support/wait.ts';

interface OpenApi {
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, { schema: object }> }> }>
  >;
  components: object;
}

let paperlift: Paperlift;
let document: OpenApi;
const ajv = new Ajv2020({ strict: false, validateFormats: false });
const seen = new Set<string>();

before(async () => {
  paperlift = await startPaperlift({ worker: true, textract: ['Invoice 4711', 'Total 12.50'] });
  document = (await request(paperlift.url).get('/api/v1/openapi.json')).body as OpenApi;
});
after(() => paperlift.stop());

/** Checks an answer against what the document says about this operation and status. */
function check(method: string, path: string, answer: Response, status: number) {
  seen.add(`${method} ${path}`);
  assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
  const responses = document.paths[path]?.[method]?.responses;
  const described = responses?.[status] ?? responses?.[`${Math.floor(status / 100)}XX`];
  assert.ok(described, `${method} ${path} answers ${status}, which the document does not describe`);
  const type = answer.headers['content-type'];
  if (!described.content) {
    assert.equal(type, undefined);
    return;
  }
  const [name] = Object.keys(described.content).filter((key) => type?.startsWith(key));
  assert.ok(name, `${method} ${path} answers ${type}, which the document does not describe`);
  if (!name.includes('json') || !('$ref' in (described.content[name]?.schema ?? {}))) return;
  const validate = ajv.compile({ ...described.content[name]?.schema, components: document.components });
  assert.ok(validate(answer.body), `${method} ${path}: ${ajv.errorsText(validate.errors)}`);
}

test('the document passes the rules that Redocly recommends', async () => {
  const config = await createConfig({ extends: ['recommended'] });
  const source = JSON.stringify({ ...document, servers: [{ url: 'https://paperlift.test/api/v1' }] });
  const problems = await lintFromString({ source, absoluteRef: '/openapi.json', config });
  assert.deepEqual(
    problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`),
    [],
  );
});

test('every operation of the document answers as the document says', async () => {
  const { agent, csrfToken } = await paperlift.signIn('alice@example.com');
  const call = (method: 'get' | 'post' | 'patch' | 'put' | 'delete', path: string) =>
    agent[method](`/api/v1${path}`).set('x-csrf-token', csrfToken);
  const jpeg = await textJpeg(['Invoice 4711', 'Total 12.50']);

  const made = await call('post', '/projects').send({ name: 'Documented' });
  check('post', '/projects', made, 201);
  check('post', '/projects', await call('post', '/projects').send({}), 400);
  check('get', '/projects', await call('get', '/projects'), 200);
  const one = `/projects/${made.body.id}`;
  check('get', '/search', await call('get', '/search?q=documented'), 200);
  check('get', '/search', await call('get', '/search?scope=everybody'), 400);
  check('get', '/projects/{projectId}', await call('get', one), 200);
  check('patch', '/projects/{projectId}', await call('patch', one).send({ name: 'Renamed' }), 200);

  const bob = localPersonId(paperlift, 'bob@example.com');
  const [member, owner] = [`${one}/members/${bob}`, `${one}/owner`];
  const memberPath = '/projects/{projectId}/members/{memberId}';
  check('get', '/projects/{projectId}/grantees', await call('get', `${one}/grantees?q=bob`), 200);
  check('put', memberPath, await call('put', member).send({ role: 'editor' }), 200);
  check('put', memberPath, await call('put', `${one}/members/p-nobody`).send({ role: 'editor' }), 400);
  check('get', '/projects/{projectId}/members', await call('get', `${one}/members`), 200);
  check('put', '/projects/{projectId}/owner', await call('put', owner).send({ id: made.body.owner.id }), 409);
  check('delete', memberPath, await call('delete', member), 204);
  check('delete', memberPath, await call('delete', member), 404);

  check('get', '/page-allowance', await call('get', '/page-allowance'), 200);

  const pages = '/projects/{projectId}/pages';
  const uploaded = await call('post', `${one}/pages`)
    .attach('files', jpeg, 'a.jpg')
    .attach('files', Buffer.from('no'), 'b.jpg');
  check('post', pages, uploaded, 201);
  check('post', pages, await call('post', `${one}/pages`).attach('files', Buffer.from('no'), 'b.jpg'), 415);
  const page = `${one}/pages/${uploaded.body.items[0].id}`;
  const pagePath = `${pages}/{pageId}`;
  await waitFor('the page to be ready', async () =>
    (await call('get', page)).body.status === 'ready' ? true : undefined,
  );
  check('get', pages, await call('get', `${one}/pages`), 200);
  const read = await call('get', page);
  check('get', pagePath, read, 200);
  const me = { assigneeId: made.body.owner.id };
  check('patch', '/projects/{projectId}', await call('patch', one).send(me), 200);
  check('patch', '/projects/{projectId}', await call('patch', one).send({ assigneeId: 'p-never' }), 400);
  check('patch', pagePath, await call('patch', page).send(me), 200);
  const queue = await call('get', '/review-queue');
  check('get', '/review-queue', queue, 200);
  assert.equal(queue.body.items[0].page.id, uploaded.body.items[0].id);
  check('get', '/review-queue', await call('get', '/review-queue?limit=500'), 400);
  check('patch', pagePath, await call('patch', page).send({ assigneeId: null }), 200);
  const changed = await call('patch', page).send({
    number: 1,
    lines: [{ id: read.body.lines[0].id, text: 'Invoice 4712' }],
  });
  check('patch', pagePath, changed, 200);
  assert.equal(changed.body.lines[0].corrected, 'Invoice 4712');
  assert.match(changed.body.text, /^Invoice 4712/);
  const reviewed = await call('patch', page).send({
    words: [{ id: changed.body.lines[1].words[0].id, accepted: true }],
    reviewed: true,
  });
  check('patch', pagePath, reviewed, 200);
  assert.equal(reviewed.body.reviewedBy, 'Alice Archer');
  check('get', pages, await call('get', `${one}/pages`), 200);
  const overtaken = { id: read.body.lines[0].id, seen: read.body.lines[0].text, text: 'Invoice 4713' };
  const refused = await call('patch', page).send({ lines: [overtaken] });
  check('patch', pagePath, refused, 409);
  assert.equal(refused.body.conflicts[0].text, 'Invoice 4712');
  check('get', `${pagePath}/image`, await call('get', `${page}/image`), 200);
  check('get', `${pagePath}/thumbnail`, await call('get', `${page}/thumbnail`), 200);
  check('post', `${pagePath}/retry`, await call('post', `${page}/retry`), 409);

  const uploads = '/projects/{projectId}/uploads';
  const announced = { fileName: 'b.jpg', contentType: 'image/jpeg', size: jpeg.length };
  const begun = await call('post', `${one}/uploads`).send(announced);
  check('post', uploads, begun, 201);
  const completing = `${one}/uploads/${begun.body.id}/complete`;
  check('post', `${uploads}/{uploadId}/complete`, await call('post', completing), 409);
  const { method, url, headers } = begun.body;
  await fetch(url, { method, headers, body: new Uint8Array(jpeg) });
  const completed = await call('post', completing);
  check('post', `${uploads}/{uploadId}/complete`, completed, 201);
  check('delete', pagePath, await call('delete', `${one}/pages/${completed.body.items[0].id}`), 204);

  const imports = '/projects/{projectId}/imports';
  const imported = await call('post', `${one}/pages`).attach('files', brokenPdf, 'broken.pdf');
  check('post', pages, imported, 201);
  assert.deepEqual(imported.body.items, []);
  const file = `${one}/imports/${imported.body.imports[0].id}`;
  await waitFor('the import to fail', async () =>
    (await call('get', file)).body.status === 'failed' ? true : undefined,
  );
  check('get', imports, await call('get', `${one}/imports`), 200);
  check('get', `${imports}/{importId}`, await call('get', file), 200);
  check('post', `${imports}/{importId}/retry`, await call('post', `${file}/retry`), 409);
  check('delete', `${imports}/{importId}`, await call('delete', file), 204);

  const exports = '/projects/{projectId}/exports';
  const exported = await call('post', `${one}/exports`).send({ format: 'txt' });
  check('post', exports, exported, 202);
  assert.equal(exported.headers.location, `/api/v1${one}/exports/${exported.body.id}`);
  check('get', exports, await call('get', `${one}/exports`), 200);
  const item = `${one}/exports/${exported.body.id}`;
  await waitFor('the export', async () =>
    (await call('get', item)).body.status === 'ready' ? true : undefined,
  );
  check('get', `${exports}/{exportId}`, await call('get', item), 200);
  const exportedFile = await call('get', `${item}/file`);
  check('get', `${exports}/{exportId}/file`, exportedFile, 200);
  assert.match(exportedFile.text, /^Invoice 4712/);
  check('delete', `${exports}/{exportId}`, await call('delete', item), 204);

  check(
    'put',
    `${pagePath}/image`,
    await call('put', `${page}/image`).attach('files', jpeg, 'again.jpg'),
    200,
  );
  check('delete', pagePath, await call('delete', page), 204);
  check('get', pagePath, await call('get', page), 404);
  check('post', `${pagePath}/restore`, await call('post', `${page}/restore`), 200);
  check('post', `${pagePath}/restore`, await call('post', `${page}/restore`), 404);
  check('delete', '/projects/{projectId}', await call('delete', one), 204);
  check('get', '/projects/{projectId}', await call('get', one), 404);
});

test('every operation of the document was tried, and no route of the API is missing in it', () => {
  const documented = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((key) => key !== 'parameters')
      .map((method) => `${method} ${path}`),
  );
  assert.deepEqual([...seen].sort(), documented.sort());
  assert.deepEqual([...new Set(routesOf(paperlift.app))].sort(), documented.sort());
});

interface Layer {
  route?: { path: string; methods: Record<string, boolean> };
  handle?: { stack?: Layer[] };
}

/** The API's routes as Express has them. Those for people lie in routers that hold no route of the API. */
function routesOf(app: unknown): string[] {
  const walk = (layers: Layer[]): Layer[] =>
    layers.flatMap((layer) => (layer.route ? [layer] : walk(layer.handle?.stack ?? [])));
  const stack = (app as { router: { stack: Layer[] } }).router.stack;
  const api = stack.filter((layer) =>
    layer.handle?.stack?.some((inner) => (inner.handle as { name?: string })?.name === 'requireApiSignIn'),
  );
  return walk(api).flatMap(({ route }) =>
    Object.keys(route?.methods ?? {}).map((method) => `${method} ${route?.path.replace(/:(\w+)/g, '{$1}')}`),
  );
}
