// What is done over HTTP leaves its entry: with who did it, in a chain that shows tampering, for the right eyes only.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runAuditCommand } from '../../src/audit/audit.command.ts';
import { createAuditStore } from '../../src/audit/audit.store.ts';
import type { AuditEntry, TrailName } from '../../src/audit/audit.ts';
import { unavailable } from '../../src/errors.ts';
import { textJpeg } from '../support/images.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { addPrivateProject, type PrivateProject } from '../support/private-project.ts';
import { tamperWith } from './trail-stage.ts';

let paperlift: Paperlift;
let image: Buffer;
/** By how much the app's clock is ahead: it goes on, as the provider's does. */
let aheadMs = 0;
const people: Record<string, Awaited<ReturnType<typeof callsOf>>> = {};

before(async () => {
  paperlift = await startPaperlift({ now: () => new Date(Date.now() + aheadMs) });
  image = await textJpeg(['Total 12.00'], { width: 300, height: 200 });
  for (const name of ['alice', 'bob', 'erin', 'carol']) people[name] = await callsOf(name);
});
after(() => paperlift.stop());

async function callsOf(name: string) {
  const { agent, csrfToken } = await paperlift.signIn(`${name}@example.com`);
  return {
    agent,
    csrfToken,
    get: (path: string) => agent.get(path),
    send: (method: 'post' | 'patch' | 'put' | 'delete', path: string) =>
      agent[method](path).set('x-csrf-token', csrfToken),
  };
}

const trails = () =>
  createAuditStore({
    documents: paperlift.services.clients.documents,
    table: paperlift.config.aws.dynamodb.table,
  });

const as = (name: string) => people[name] as Awaited<ReturnType<typeof callsOf>>;

async function entriesOf(trail: TrailName): Promise<AuditEntry[]> {
  const { documents } = paperlift.services.clients;
  const { Items = [] } = await documents.query({
    TableName: paperlift.config.aws.dynamodb.table,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': `AUDIT#${trail}` },
  });
  return (Items as AuditEntry[]).sort((one, other) => one.number - other.number);
}

/** What an act adds to a project's trail, as `who action`. */
async function added(projectId: string, act: () => PromiseLike<{ status: number; text: string }>) {
  const earlier = (await entriesOf(`project:${projectId}`)).length;
  const answer = await act();
  assert.ok(answer.status < 400, `${answer.status} ${answer.text}`);
  const entries = (await entriesOf(`project:${projectId}`)).slice(earlier);
  return entries.map(({ actorEmail, action }) => `${actorEmail?.split('@')[0]} ${action}`);
}

const addThings = (): Promise<PrivateProject> => addPrivateProject(paperlift, 'alice@example.com');

test('every change leaves one entry with who made it, in a chain that holds after the project is gone', async () => {
  const made = await as('alice').send('post', '/api/v1/projects').send({ name: 'Receipts' });
  const projectId = made.body.id as string;
  const api = `/api/v1/projects/${projectId}`;
  const site = `/projects/${projectId}`;
  let pageId = '';
  const steps: [string, () => PromiseLike<{ status: number; text: string }>][] = [
    ['alice project.renamed', () => as('alice').send('patch', api).send({ name: 'Receipts of May' })],
    [
      'carol project.renamed',
      () => as('carol').send('post', `${site}/rename`).type('form').send({ name: 'May' }),
    ],
    [
      'alice pages.added',
      async () => {
        const answer = await as('alice')
          .send('post', `${api}/pages`)
          .attach('files', image, 'one.jpg')
          .attach('files', image, 'two.jpg');
        pageId = answer.body.items[0].id;
        return answer;
      },
    ],
    [
      'alice pages.added',
      () =>
        as('alice')
          .agent.post(`${site}/pages`)
          .field('_csrf', as('alice').csrfToken)
          .attach('files', image, 'three.jpg'),
    ],
    ['alice page.changed', () => as('alice').send('patch', `${api}/pages/${pageId}`).send({ number: 2 })],
    [
      'alice page.replaced',
      () => as('alice').send('put', `${api}/pages/${pageId}/image`).attach('files', image, 'new.jpg'),
    ],
    ['alice page.deleted', () => as('alice').send('delete', `${api}/pages/${pageId}`)],
    ['alice project.deleted', () => as('alice').send('delete', api)],
  ];
  for (const [expected, act] of steps) {
    const entries = await added(projectId, act);
    assert.deepEqual(entries, [expected]);
  }
  assert.equal((await as('alice').get(site)).status, 404);
  const trail = await entriesOf(`project:${projectId}`);
  assert.equal(trail.length, steps.length + 1);
  assert.equal(trail[0]?.action, 'project.created');
  assert.equal(trail[1]?.detail, '“Receipts” → “Receipts of May”');
  assert.ok(trail.every((entry) => /^[0-9a-f]{64}$/.test(entry.hash)));
  const checked = await runAuditCommand(trails(), ['verify', projectId]);
  assert.equal(checked.exitCode, 0);
  assert.match(checked.text, new RegExp(`^All ${trail.length} entries .* ${trail.at(-1)?.hash}\\.$`));
  const page = await as('erin').get(`/admin/audit?project=${projectId}&check=yes`);
  assert.match(page.text, /deleted the project/);
  assert.match(page.text, /Intact\./);
  const seen = async (path: string) => (await as('erin').get(path)).text.replace(/<[^>]*>/g, '');
  for (const path of [`/admin/audit?project=${projectId}&check=yes`, '/admin/audit']) {
    const text = await seen(path);
    assert.match(text, /May/);
    assert.ok(!text.includes(projectId) && !text.includes(pageId), `${path} shows an id`);
  }

  await paperlift.services.projects.finishRemoval(projectId);
  const last = (await entriesOf(`project:${projectId}`)).at(-1);
  assert.deepEqual([last?.actorId, last?.action], ['system', 'project.erased']);
  assert.ok(!(await seen('/admin/audit')).includes(projectId), 'its name is known from its trail');
});

test('pages had read again and exports asked for are entries', async () => {
  const { projectId, pageId } = await addThings();
  const api = `/api/v1/projects/${projectId}`;
  const retry = () => as('alice').send('post', `${api}/pages/${pageId}/retry`);
  assert.deepEqual(await added(projectId, retry), ['alice page.retried']);
  const other = await addThings();
  const ask = () =>
    as('carol').send('post', `/api/v1/projects/${other.projectId}/exports`).send({ format: 'txt' });
  assert.deepEqual(await added(other.projectId, ask), ['carol export.requested']);
  assert.deepEqual(await added(other.projectId, ask), [], 'the same export again is nothing new');
  const [entry] = await entriesOf(`project:${other.projectId}`);
  assert.equal(entry?.detail, 'txt');
  assert.ok(entry?.exportId);
});

test('what an auditor or administrator reads of another’s leaves an entry, by site and by API; the owner’s reads none', async () => {
  const reads: [string, string][] = [
    ['/projects/:projectId', 'project.viewed'],
    ['/projects/:projectId/status', 'project.viewed'],
    ['/projects/:projectId/pages/:pageId', 'page.viewed'],
    ['/projects/:projectId/pages/:pageId/image', 'page.viewed'],
    ['/projects/:projectId/exports/:exportId/file', 'export.downloaded'],
    ['/api/v1/projects/:projectId', 'project.viewed'],
    ['/api/v1/projects/:projectId/pages', 'project.viewed'],
    ['/api/v1/projects/:projectId/pages/:pageId', 'page.viewed'],
    ['/api/v1/projects/:projectId/pages/:pageId/image', 'page.viewed'],
    ['/api/v1/projects/:projectId/exports', 'project.viewed'],
    ['/api/v1/projects/:projectId/exports/:exportId', 'project.viewed'],
    ['/api/v1/projects/:projectId/exports/:exportId/file', 'export.downloaded'],
  ];
  for (const [route, action] of reads) {
    const things = await addThings();
    const path = route.replace(/:(\w+)/g, (_, name) => things[name as keyof PrivateProject]);
    assert.deepEqual(await added(things.projectId, () => as('alice').get(path)), [], `${route} by its owner`);
    for (const name of ['erin', 'carol']) {
      const entries = await added(things.projectId, () => as(name).get(path));
      assert.deepEqual(entries, [`${name} ${action}`], route);
    }
    assert.equal((await as('bob').get(path)).status, 404);
    assert.equal((await entriesOf(`project:${things.projectId}`)).length, 2, 'who is refused read nothing');
  }
});

test('a view is one entry, however many images and polls it takes', async () => {
  const { projectId, pageId } = await addThings();
  aheadMs += 20 * 60_000; // sessions last an hour
  const entries = await added(projectId, async () => {
    let answer = await as('erin').get(`/projects/${projectId}`);
    for (let poll = 0; poll < 3; poll++) answer = await as('erin').get(`/projects/${projectId}/status`);
    await as('erin').get(`/projects/${projectId}/pages/${pageId}/thumbnail`);
    await as('erin').get(`/projects/${projectId}/pages/${pageId}`);
    await as('erin').get(`/projects/${projectId}/pages/${pageId}/image`);
    return answer;
  });
  assert.deepEqual(entries, ['erin project.viewed', 'erin page.viewed']);
});

test('listing everybody’s projects is in the trail of who did it', async () => {
  aheadMs += 11 * 60_000;
  const { body } = await as('erin').get('/api/v1/projects?scope=all');
  assert.ok(body.items.length > 0);
  const erin = await idOf('erin');
  assert.equal((await entriesOf(`person:${erin}`)).at(-1)?.action, 'projects.listed');
});

async function idOf(name: string): Promise<string> {
  const page = await as('carol').get('/admin/audit?kind=person');
  const [, id] =
    new RegExp(`person=(p-[\\w-]+)"><bdi>[^<]+</bdi></a><br><span class="soft"><bdi>${name}@`).exec(
      page.text,
    ) ?? [];
  assert.ok(id, `${name} is among the people`);
  return id;
}

test('tampering in the database is named: changed, removed, reordered, cut off', async () => {
  const { peek, overwrite, erase } = tamperWith(
    paperlift.services.clients.documents,
    paperlift.config.aws.dynamodb.table,
  );
  async function buildTrail(): Promise<TrailName> {
    const { body } = await as('alice').send('post', '/api/v1/projects').send({ name: 'Name 1' });
    for (const number of [2, 3, 4, 5]) {
      await as('alice')
        .send('patch', `/api/v1/projects/${body.id}`)
        .send({ name: `Name ${number}` });
    }
    return `project:${body.id}`;
  }
  const said = async (trail: TrailName) =>
    runAuditCommand(trails(), ['verify', trail.slice('project:'.length)]);

  const changed = await buildTrail();
  assert.deepEqual((await said(changed)).exitCode, 0);
  await overwrite(changed, 2, { ...(await peek(changed, 2)), actorName: 'Somebody else' });
  assert.deepEqual(await said(changed), {
    text: `Entry 2 of ${changed} was changed after it was written. Earlier entries are unchanged; later entries can’t be verified.`,
    exitCode: 1,
  });
  const removed = await buildTrail();
  await erase(removed, 3);
  assert.match((await said(removed)).text, /^Entry 3 .* was removed/);
  const reordered = await buildTrail();
  const [one, other] = [await peek(reordered, 2), await peek(reordered, 4)];
  await overwrite(reordered, 2, other);
  await overwrite(reordered, 4, one);
  assert.match((await said(reordered)).text, /^Entry 2 .* was moved from another position/);
  const cut = await buildTrail();
  await erase(cut, 'HEAD');
  assert.match((await said(cut)).text, /^Entry 5 .* was removed/);
  const page = await as('erin').get(`/admin/audit?project=${cut.slice(8)}&check=yes`);
  assert.match(page.text, /Not intact\.<\/strong> Entry 5 /);
});

test('the command says whether an entry noted earlier is still there, and what it cannot find', async () => {
  const { body } = await as('alice').send('post', '/api/v1/projects').send({ name: 'Noted' });
  const [first] = await entriesOf(`project:${body.id}`);
  assert.equal((await runAuditCommand(trails(), ['verify', body.id, first?.hash as string])).exitCode, 0);
  const rewritten = await runAuditCommand(trails(), ['verify', body.id, 'f'.repeat(64)]);
  assert.equal(rewritten.exitCode, 1);
  assert.match(rewritten.text, /was rewritten/);
  assert.equal((await runAuditCommand(trails(), ['verify', '01ARZ3NDEKTSV4RRFFQ69G5FAV'])).exitCode, 2);
  assert.equal((await runAuditCommand(trails(), [])).exitCode, 2);
});

test('nobody but auditors and administrators sees the trail, as page or as CSV', async () => {
  const { body } = await as('alice').send('post', '/api/v1/projects').send({ name: 'Secret plan' });
  for (const path of ['', '.csv']) {
    for (const name of ['alice', 'bob']) {
      const answer = await as(name).get(`/admin/audit${path}?project=${body.id}`);
      assert.equal(answer.status, 403, `${name} ${path}`);
      assert.doesNotMatch(answer.text, /Secret plan/);
    }
    for (const name of ['erin', 'carol']) {
      const answer = await as(name).get(`/admin/audit${path}?project=${body.id}`);
      assert.equal(answer.status, 200);
      assert.match(answer.text, /Secret plan/);
    }
  }
  const menu = await as('alice').get('/');
  assert.doesNotMatch(menu.text, /admin\/audit/);
});

test('the CSV holds every entry, quotes what it must, and nothing in it is a formula', async () => {
  const names = ['=HYPERLINK("http://evil","x")', '+1', '-2+3', '@SUM(A1)', 'a "quoted", name'];
  for (const name of names) {
    const { body } = await as('alice').send('post', '/api/v1/projects').send({ name });
    const answer = await as('erin').get(`/admin/audit.csv?project=${body.id}`);
    assert.equal(answer.headers['content-type'], 'text/csv; charset=utf-8');
    assert.match(answer.headers['content-disposition'] ?? '', /^attachment; filename=audit-project-/);
    const cells = cellsOf(answer.text);
    assert.equal(cells.length, 3, 'the head, the making, and this very download');
    assert.ok(cells.flat().every((cell) => !/^[=+\-@\t\r]/.test(cell)));
    const given = /^[=+\-@]/.test(name) ? `'${name}` : name;
    assert.equal(cells[1]?.[cells[0]?.indexOf('projectName') as number], given);
    assert.equal(cells[2]?.[cells[0]?.indexOf('action') as number], 'trail.downloaded');
  }
});

/** Reads CSV (RFC 4180). */
function cellsOf(csv: string): string[][] {
  const rows = csv.replace(/^\ufeff/, '').matchAll(/((?:"(?:[^"]|"")*"|[^"\r\n])*)\r\n/g);
  return [...rows].map(([, row]) =>
    [...(row as string).matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
      ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
    ),
  );
}

test('names with markup are text in the trail', async () => {
  const name = '<script>alert(1)</script>"\'><img src=x onerror=alert(1)>';
  const { body } = await as('alice').send('post', '/api/v1/projects').send({ name });
  for (const path of [`/admin/audit?project=${body.id}`, '/admin/audit', '/admin/audit?kind=person']) {
    const { text, status } = await as('carol').get(path);
    assert.equal(status, 200);
    assert.doesNotMatch(text, /<script>alert|<img src=x/);
  }
});

test('while the trail cannot be written, nothing is changed and nothing of another’s is shown', async () => {
  const { projectId, pageId } = await addThings();
  const { documents } = paperlift.services.clients;
  const put = documents.put;
  Object.assign(documents, {
    put: (input: { Item?: { pk?: string } }) =>
      input.Item?.pk?.startsWith('AUDIT#')
        ? Promise.reject(unavailable('database', new Error('down')))
        : (put as (input: unknown) => unknown).call(documents, input),
  });
  try {
    const tries = [
      as('alice').send('patch', `/api/v1/projects/${projectId}`).send({ name: 'Changed' }),
      as('alice').send('delete', `/api/v1/projects/${projectId}/pages/${pageId}`),
      as('alice').send('delete', `/api/v1/projects/${projectId}`),
      as('alice').send('post', `/api/v1/projects/${projectId}/pages`).attach('files', image, 'one.jpg'),
      as('carol').send('post', `/api/v1/projects/${projectId}/exports`).send({ format: 'txt' }),
      as('erin').get(`/api/v1/projects/${projectId}/pages/${pageId}`),
    ];
    for (const answer of await Promise.all(tries)) {
      assert.equal(answer.status, 503, answer.text);
    }
  } finally {
    Object.assign(documents, { put });
  }
  const { body } = await as('alice').get(`/api/v1/projects/${projectId}`);
  assert.equal(body.name, 'Private');
  assert.equal(body.pageCount, 2);
});

test('what a person did is in one trail, and signing somebody out is in both persons’', async () => {
  await as('bob').send('post', '/api/v1/projects').send({ name: 'Bob’s' });
  const bobId = await idOf('bob');
  const out = await as('carol').send('post', `/admin/people/${bobId}/logout-everywhere`);
  assert.equal(out.status, 303);
  const last = (await entriesOf(`person:${bobId}`)).at(-1);
  assert.equal(last?.action, 'person.signed-out');
  assert.equal(last?.actorEmail, 'carol@example.com');
  const ofCarol = await entriesOf(`person:${await idOf('carol')}`);
  assert.equal(ofCarol.at(-1)?.id, last?.id);
  const nobody = await as('carol').send('post', `/admin/people/p-${'x'.repeat(27)}/logout-everywhere`);
  assert.equal(nobody.status, 404);
  assert.deepEqual(await entriesOf(`person:p-${'x'.repeat(27)}`), [], 'nobody gets a trail');
});
