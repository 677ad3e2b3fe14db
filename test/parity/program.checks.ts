// What a program with a service account's token gets from a stage, wherever that runs and whatever stands before it:
// nobody signs in, so no identity provider takes part.
import assert from 'node:assert/strict';
import type { Check } from './check.ts';
import { publicChecks } from './public.checks.ts';
import { sampleFiles } from './sample-files.ts';
import {
  assertProblem,
  assertStatus,
  createProject,
  makeExport,
  type Person,
  type Site,
  upload,
  waitUntilRead,
} from './site.ts';
import { ask } from './visitor.ts';

const never = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

/** Checks that gateways and firewalls leave as they are. */
const publicNames = [
  'health: it lives, it is ready, and says nothing else',
  'the API’s description names this site and every route',
  'security headers are on every kind of answer',
];

/** Calls the API as `Person` does, with the account's token. */
async function signInProgram(site: Site): Promise<Person> {
  const program = await site.program('');
  const api: Person['api'] = (method, path, call) => program.call(method, `/api/v1${path}`, call);
  const submit = () => Promise.reject(new Error('A program sends no forms'));
  return { ...program, csrfToken: '', api, submit };
}

/** Runs with a project of its own, which is deleted whatever happens. */
async function withProject(
  site: Site,
  name: string,
  run: (program: Person, projectId: string) => Promise<void>,
) {
  const program = await signInProgram(site);
  const projectId = await createProject(program, name);
  try {
    await run(program, projectId);
  } finally {
    await program.api('DELETE', `/projects/${projectId}`, { quiet: true });
  }
}

export const programChecks: Check[] = [
  ...publicChecks.filter(({ name }) => publicNames.includes(name)),
  {
    name: 'the sign-in leads to the identity provider',
    async run({ visitor, provider }) {
      const login = await visitor().get('/auth/login', { quiet: true });
      assertStatus(login, 302);
      assert.equal(new URL(String(login.headers.location)).origin, provider);
    },
  },
  {
    name: 'a program makes, reads, renames and deletes a project, and nobody else’s is there',
    run: (site) =>
      withProject(site, 'Stage: Füchse 狐', async (program, projectId) => {
        const path = `/projects/${projectId}`;
        assert.equal((await program.api('GET', path)).json.name, 'Stage: Füchse 狐');
        assertStatus(await program.api('PATCH', path, { json: { name: 'Renamed' } }), 200);
        assert.equal((await program.api('GET', path)).json.name, 'Renamed');
        assertProblem(await program.api('POST', '/projects', { json: {} }), 400, 'input-invalid');
        assertProblem(await program.api('GET', `/projects/${never}`), 404, 'project-not-found');
        assertStatus(await program.api('DELETE', path), 204);
        assertProblem(await program.api('GET', path), 404, 'project-not-found');
      }),
  },
  {
    name: 'a page is read, corrected, found and exported',
    run: (site) =>
      withProject(site, 'Stage: pages', async (program, projectId) => {
        const { invoice } = await sampleFiles();
        const [pageId = ''] = await upload(program, projectId, [invoice]);
        await waitUntilRead(program, projectId);
        const path = `/projects/${projectId}/pages/${pageId}`;
        const page = await program.api('GET', path, { quiet: true });
        assert.match(page.json.text, /4711/);
        for (const kind of ['image', 'thumbnail']) {
          const image = await program.api('GET', `${path}/${kind}`, { quiet: true });
          assert.deepEqual([image.status, image.headers['content-type']], [200, 'image/jpeg']);
        }
        const word = `Quittung${Date.now()}`;
        const lines = [{ id: page.json.lines[0].id, text: `${word} 4711` }];
        assertStatus(await program.api('PATCH', path, { json: { lines }, quiet: true }), 200);
        const found = await program.api('GET', `/search?q=${word}`, { quiet: true });
        assertStatus(found, 200);
        assert.match(found.text, new RegExp(pageId));
        for (const [format, type] of [
          ['txt', /^text\/plain/],
          ['searchable-pdf', /^application\/pdf/],
        ] as const) {
          const address = await makeExport(program, projectId, format);
          const file = await followOnce(program, `${address}/file`);
          assertStatus(file, 200);
          assert.match(String(file.headers['content-type']), type);
          if (format === 'txt') assert.match(file.text, new RegExp(word));
          else assert.equal(file.body.subarray(0, 5).toString(), '%PDF-');
        }
      }),
  },
  {
    name: 'a large file goes straight to S3 and becomes a page',
    run: (site) =>
      withProject(site, 'Stage: a large file', async (program, projectId) => {
        const { huge } = await sampleFiles();
        const path = `/projects/${projectId}/uploads`;
        const json = { fileName: 'large.jpg', contentType: huge.type, size: huge.body.length };
        const begun = await program.api('POST', path, { json, quiet: true });
        assertStatus(begun, 201);
        const { method, url, headers, id } = begun.json;
        const length = { 'content-length': String(huge.body.length) };
        assertStatus(await ask(method, url, { ...headers, ...length }, huge.body), 200);
        assertStatus(await program.api('POST', `${path}/${id}/complete`, { quiet: true }), 201);
        await waitUntilRead(program, projectId);
      }),
  },
  {
    name: 'a forged token, and none, are refused',
    async run(site) {
      const token = await site.tokenOf('');
      const [header, claims] = token.split('.');
      for (const forged of ['x', `${header}.${claims}.${'A'.repeat(342)}`]) {
        const headers = { authorization: `Bearer ${forged}` };
        assertStatus(await site.visitor().get('/api/v1/projects', { headers, quiet: true }), 401);
      }
      assertStatus(await site.visitor().get('/api/v1/projects', { quiet: true }), 401);
    },
  },
];

/** Where an answer would be too large for a function, the file is at a presigned address. */
async function followOnce(program: Person, path: string) {
  const answer = await program.api('GET', path, { quiet: true });
  const { location } = answer.headers;
  return [302, 303, 307].includes(answer.status) && location ? ask('GET', location) : answer;
}
