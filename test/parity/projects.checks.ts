import assert from 'node:assert/strict';
import type { Check } from './check.ts';
import { assertProblem, assertRedirect, assertStatus, createProject } from './site.ts';

const never = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

export const projectChecks: Check[] = [
  {
    name: 'projects: made, read, renamed and deleted through the API',
    async run({ signIn }) {
      const alice = await signIn('alice@example.com');
      const made = await alice.api('POST', '/projects', { json: { name: '  Füchse & "Hasen" <b> 狐 🦊 ' } });
      assertStatus(made, 201);
      assert.equal(made.json.name, 'Füchse & "Hasen" <b> 狐 🦊');
      const path = `/projects/${made.json.id}`;
      assert.deepEqual((await alice.api('GET', path)).json, made.json);
      assertStatus(await alice.api('PATCH', path, { json: { name: 'Renamed' } }), 200);
      assert.equal((await alice.api('GET', path)).json.name, 'Renamed');
      const gone = await alice.api('DELETE', path);
      assert.deepEqual([gone.status, gone.body.length, gone.headers['content-type']], [204, 0, undefined]);
      assertProblem(await alice.api('GET', path), 404, 'project-not-found');
      assertProblem(await alice.api('DELETE', path), 404, 'project-not-found');
    },
  },
  {
    name: 'projects: the list comes in parts, newest first, and its cursor leads through all of it',
    async run({ signIn }) {
      const carol = await signIn('carol@example.com');
      const names = Array.from({ length: 25 }, (_, index) => `Listed ${index + 1}`);
      const ids: string[] = [];
      for (const name of names) ids.push(await createProject(carol, name));
      const listed: string[] = [];
      const sizes: number[] = [];
      let cursor: string | undefined;
      while (listed.length < names.length) {
        const { json } = await carol.api('GET', `/projects${cursor ? `?cursor=${cursor}` : ''}`, {
          quiet: true,
        });
        sizes.push(json.items.length);
        listed.push(...json.items.map((item: { id: string }) => item.id));
        cursor = json.cursor;
        if (!cursor) break;
      }
      assert.deepEqual(listed.slice(0, ids.length), ids.toReversed());
      assert.ok(sizes.length > 1, `parts of ${sizes.join()}`);
      assertProblem(await carol.api('GET', '/projects?cursor=nonsense'), 400, 'query-invalid');
      const home = await carol.get('/', { quiet: true });
      const more = /href="(\/\?[^"]*cursor=[^"]+)"/.exec(home.text)?.[1]?.replaceAll('&amp;', '&');
      assert.ok(more, 'the page of projects leads on');
      assert.match((await carol.get(more, { quiet: true })).text, /Listed 1\b/);
      await Promise.all(ids.map((id) => carol.api('DELETE', `/projects/${id}`, { quiet: true })));
    },
  },
  {
    name: 'projects: input that is wrong is refused, in each way it can be',
    async run({ signIn }) {
      const alice = await signIn('alice@example.com');
      const post = (json: unknown) => alice.api('POST', '/projects', { json });
      for (const wrong of [
        {},
        { name: '' },
        { name: 7 },
        { name: ['a'] },
        { name: 'a\nb' },
        { name: 'x'.repeat(201) },
        { name: 'a', owner: 'b' },
        [],
      ]) {
        assertProblem(await post(wrong), 400, 'input-invalid');
      }
      const send = (body: string, type = 'application/json') =>
        alice.api('POST', '/projects', { body, headers: { 'content-type': type } });
      assertProblem(await send('{"name":'), 400, 'body-unreadable');
      assertProblem(await send('{"name":"a"}', 'text/plain'), 400, 'input-invalid');
      assertProblem(await send('{"name":"a"}', 'application/json; charset=latin1'), 400, 'body-unreadable');
      assertProblem(await send(JSON.stringify({ name: 'x'.repeat(1_100_000) })), 413, 'body-too-large');
      for (const id of [never, 'no-id', '..%2f..', '%00']) {
        const { status } = await alice.api('GET', `/projects/${id}`);
        assert.ok([400, 404].includes(status), `${id}: ${status}`);
      }
    },
  },
  {
    name: 'projects: pages for people, their forms, and where those lead',
    async run({ signIn }) {
      const alice = await signIn('alice@example.com');
      const made = await alice.submit('/projects', { name: 'By a form: ü' });
      const address = String(made.headers.location);
      assert.match(address, /^\/projects\/[0-9A-Z]{26}$/);
      assertRedirect(made, address);
      const page = await alice.get(address);
      assertStatus(page, 200);
      assert.match(page.text, /<bdi>By a form: ü<\/bdi>/);
      assertStatus(await alice.get(`${address}/status`), 200);
      const empty = await alice.submit(`${address}/rename`, { name: ' ' });
      assertStatus(empty, 400);
      assertRedirect(await alice.submit(`${address}/rename`, { name: 'Else <script>' }), address);
      assert.match((await alice.get(address)).text, /<bdi>Else &lt;script&gt;<\/bdi>/);
      assertRedirect(await alice.submit(`${address}/delete`), '/');
      assertRedirect(await alice.submit(`${address}/delete`), '/');
      const gone = await alice.get(address);
      assertStatus(gone, 404);
      assert.match(String(gone.headers['content-type']), /^text\/html/);
      const unnamed = await alice.post('/projects', { form: { _csrf: alice.csrfToken }, quiet: true });
      assertStatus(unnamed, 400);
      const query = await alice.get('/?scope=nonsense');
      assertStatus(query, 400);
    },
  },
  {
    name: 'forged: nothing changes without this session’s CSRF token',
    async run({ signIn }) {
      const [alice, other] = [await signIn('alice@example.com'), await signIn('bob@example.com')];
      const projectId = await createProject(alice, 'Mine');
      const path = `/projects/${projectId}`;
      for (const token of ['', 'x'.repeat(43), other.csrfToken]) {
        for (const [method, address, body] of forgeable(path)) {
          const isApi = address.startsWith('/api/');
          const answer = await alice.call(method, address, {
            ...(isApi
              ? { json: body, headers: { 'x-csrf-token': token } }
              : { form: { ...body, _csrf: token } }),
          });
          assert.equal(answer.status, 403, `${method} ${address}`);
          if (isApi) assertProblem(answer, 403, 'csrf-token-missing');
        }
        const parts = [
          { name: '_csrf', body: token },
          { name: 'files', fileName: 'a.jpg', type: 'image/jpeg', body: 'not looked at' },
        ];
        assertStatus(await alice.post(`${path}/pages`, { parts }), 403);
      }
      assert.equal((await alice.api('GET', path)).json.name, 'Mine');
      await alice.api('DELETE', path, { quiet: true });
    },
  },
  {
    name: 'programs: the API by token says the same as by cookie, and asks for no CSRF token',
    needsTokens: true,
    async run({ signIn, program }) {
      const [alice, client] = [await signIn('alice@example.com'), await program('alice@example.com')];
      const made = await client.post('/api/v1/projects', { json: { name: 'By a program' } });
      assertStatus(made, 201);
      const path = `/projects/${made.json.id}`;
      const [byToken, byCookie] = [await client.get(`/api/v1${path}`), await alice.api('GET', path)];
      assert.deepEqual(byToken.json, byCookie.json);
      assert.equal(byToken.headers['set-cookie'], undefined);
      assertStatus(await client.call('PATCH', `/api/v1${path}`, { json: { name: 'Again' } }), 200);
      assertStatus(await client.call('HEAD', `/api/v1${path}`), 200);
      assertStatus(await client.call('DELETE', `/api/v1${path}`), 204);
      assertProblem(await client.get('/api/v1/nowhere?x=1'), 404, 'path-not-found');
      assertProblem(await client.call('PUT', '/api/v1/projects', { json: {} }), 405, 'method-not-allowed');
    },
  },
];

function forgeable(path: string): [string, string, Record<string, string>][] {
  return [
    ['POST', '/projects', { name: 'Forged' }],
    ['POST', `${path}/rename`, { name: 'Forged' }],
    ['POST', `${path}/delete`, {}],
    ['POST', `${path}/exports`, { format: 'txt' }],
    ['POST', '/auth/logout-everywhere', {}],
    ['POST', '/api/v1/projects', { name: 'Forged' }],
    ['PATCH', `/api/v1${path}`, { name: 'Forged' }],
    ['DELETE', `/api/v1${path}`, {}],
    ['POST', `/api/v1${path}/exports`, { format: 'txt' }],
  ];
}
