import assert from 'node:assert/strict';
import type { Check } from './check.ts';
import { assertProblem, assertRedirect, assertStatus, makeExport, type Site } from './site.ts';

/** Every call about a project, for somebody who may read it, may change it, or neither. */
async function callsOn(site: Site) {
  const { projectId, pageIds } = await site.readProject();
  const owner = await site.signIn('alice@example.com');
  const exportPath = await makeExport(owner, projectId, 'txt');
  const project = `/projects/${projectId}`;
  const page = `${project}/pages/${pageIds[0]}`;
  const reads = ['', '/pages', '/exports'].map((below) => `${project}${below}`);
  reads.push(page, `${page}/image`, `${page}/thumbnail`, exportPath, `${exportPath}/file`);
  const changes: [string, string, unknown][] = [
    ['PATCH', project, { name: 'Taken' }],
    ['POST', `${project}/exports`, { format: 'json' }],
    ['PATCH', page, { rotation: 90 }],
    ['POST', `${page}/retry`, undefined],
    ['POST', `${project}/pages`, undefined],
    ['PUT', `${page}/image`, undefined],
    ['DELETE', page, undefined],
    ['DELETE', project, undefined],
  ];
  const sites = [
    project,
    `${project}/status`,
    page,
    `${page}/image`,
    `${page}/thumbnail`,
    `${exportPath}/file`,
  ];
  return { project, page, reads, changes, sites };
}

export const accessChecks: Check[] = [
  {
    name: 'another person’s project, its pages and its files are not there, and cannot be changed',
    async run(site) {
      const { project, page, reads, changes, sites } = await callsOn(site);
      const bob = await site.signIn('bob@example.com');
      for (const path of reads) assertProblem(await bob.api('GET', path), 404, 'project-not-found');
      for (const [method, path, json] of changes) {
        const answer = await bob.api(method, path, json === undefined ? {} : { json });
        assertProblem(answer, 404, 'project-not-found');
      }
      for (const path of sites) assertStatus(await bob.get(path), 404);
      for (const path of [`${project}/rename`, `${project}/exports`, `${page}/delete`]) {
        assertStatus(await bob.submit(path, { name: 'Taken', format: 'txt' }), 404);
      }
      assertRedirect(await bob.submit(`${project}/delete`), '/');
      const owner = await site.signIn('alice@example.com');
      assert.equal((await owner.api('GET', project)).json.pageCount, 2);
    },
  },
  {
    name: 'another person’s project is not there for programs either',
    needsTokens: true,
    async run(site) {
      const { reads } = await callsOn(site);
      const program = await site.program('bob@example.com');
      for (const path of reads) {
        assertProblem(await program.get(`/api/v1${path}`), 404, 'project-not-found');
      }
    },
  },
  {
    name: 'auditors read everything and change nothing',
    async run(site) {
      const { project, reads, changes, sites } = await callsOn(site);
      const erin = await site.signIn('erin@example.com');
      for (const path of reads) {
        const quiet = path.endsWith('/exports'); // other checks make some meanwhile
        assertStatus(await erin.api('GET', path, { quiet }), 200);
      }
      for (const path of sites) assertStatus(await erin.get(path, { quiet: true }), 200);
      for (const [method, path, json] of changes) {
        assertProblem(await erin.api(method, path, json === undefined ? {} : { json }), 403, 'read-only');
      }
      const all = await erin.api('GET', '/projects?scope=all', { quiet: true });
      assertStatus(all, 200);
      assert.ok(all.json.items.length > 0);
      const bob = await site.signIn('bob@example.com');
      assertProblem(await bob.api('GET', '/projects?scope=all'), 403, 'may-not-list-all');
      assertStatus(await erin.get(`/admin/audit?project=${project.split('/').at(-1)}`, { quiet: true }), 200);
    },
  },
  {
    name: 'administrators see what is set up, who there is and what was done; others do not',
    async run(site) {
      const { project } = await callsOn(site);
      const projectId = project.split('/').at(-1);
      const carol = await site.signIn('carol@example.com');
      const alice = await site.signIn('alice@example.com');
      const addresses = [
        '/admin',
        '/admin/access',
        '/admin/people',
        '/admin/audit',
        '/admin/audit?kind=person',
        `/admin/audit?project=${projectId}`,
        `/admin/audit?project=${projectId}&check=yes`,
        `/admin/audit.csv?project=${projectId}`,
      ];
      for (const address of addresses) {
        // what they list grows with everything that was ever done here
        assertStatus(await carol.get(address, { quiet: true }), 200);
        assertStatus(await alice.get(address), 403);
      }
      const csv = await carol.get(`/admin/audit.csv?project=${projectId}`, { quiet: true });
      assert.equal(csv.headers['content-type'], 'text/csv; charset=utf-8');
      assert.equal(csv.headers['content-disposition'], `attachment; filename=audit-project-${projectId}.csv`);
      assert.match(csv.text, /project\.created/);
      const checked = await carol.get(`/admin/audit?project=${projectId}&check=yes`, { quiet: true });
      assert.match(checked.text, /intact|as (it was|they were) written/i);
      const pasted = { _csrf: carol.csrfToken, pasted: 'Paperlift Users\nNobody’s' };
      const explained = await carol.post('/admin/access', { form: pasted, quiet: true });
      assertStatus(explained, 200);
    },
  },
  {
    name: 'one’s own account names the sessions, and ends one',
    async run({ signIn }) {
      const fresh = { isFresh: true };
      const [here, there] = [
        await signIn('erin@example.com', fresh),
        await signIn('erin@example.com', fresh),
      ];
      const account = await here.get('/account', { quiet: true });
      assertStatus(account, 200);
      const own =
        /<span class="pill pill-good">this device<\/span>[\s\S]*?action="(\/account\/sessions\/[^"]+\/end)"/.exec(
          account.text,
        )?.[1];
      assert.ok(own);
      assertStatus(await here.post(own, { form: {}, quiet: true }), 403);
      const ended = await here.post(own, { form: { _csrf: here.csrfToken }, quiet: true });
      assertRedirect(ended, '/auth/signed-out');
      assert.equal((await here.get('/')).status, 303);
      assertStatus(await there.get('/', { quiet: true }), 200);
    },
  },
];
