// Which exports are kept and for how long, how people delete them, and how the list is paged.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { ulid } from 'ulid';
import type { Services } from '../../src/compose.ts';
import type { Export } from '../../src/exports/export.ts';
import { describeRetention, findExpired } from '../../src/exports/export-retention.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { inDefault } from '../support/people.ts';
import { addPile } from '../support/piles.ts';

const day = 24 * 60 * 60 * 1000;
const start = Date.parse('2026-11-29T12:00:00Z');

const made = (daysAgo: number, facts: Partial<Export> = {}): Export => {
  const at = new Date(start - daysAgo * day).toISOString();
  return {
    id: ulid(start - daysAgo * day),
    projectId: 'p',
    format: 'txt',
    status: 'ready',
    fingerprint: 'then',
    requestedBy: 'x',
    createdAt: at,
    updatedAt: at,
    ...facts,
  };
};

describe('an export is kept', () => {
  const rule = { newest: 2, keptMs: 30 * day };
  const expired = (...exports: Export[]) => {
    const gone = findExpired(exports, rule, new Date(start));
    return exports.map((item) => gone.includes(item));
  };

  test('while it is one of the newest of its format, however old', () => {
    assert.deepEqual(expired(made(40), made(50), made(60), made(70)), [false, false, true, true]);
    assert.deepEqual(expired(made(40), made(50, { format: 'docx' }), made(60)), [false, false, false]);
  });

  test('while it is not old, however many there are', () => {
    assert.deepEqual(expired(made(1), made(2), made(3), made(29), made(30)), [
      false,
      false,
      false,
      false,
      true,
    ]);
  });

  test('while it is being made; one that failed takes no other’s place and goes when it is old', () => {
    assert.deepEqual(
      expired(
        made(40, { status: 'rendering' }),
        made(41, { status: 'failed' }),
        made(42),
        made(43),
        made(44),
      ),
      [false, true, false, false, true],
    );
  });

  test('by a rule that people can read', () => {
    assert.equal(
      describeRetention({ newest: 3, keptMs: 30 * day }),
      'Paperlift keeps the latest 3 exports of each format, and every export from the last 30 days. Older exports are deleted.',
    );
  });
});

describe('a project’s exports', () => {
  let paperlift: Paperlift;
  let alice: Awaited<ReturnType<Paperlift['signIn']>>;
  let stores: Services['stores'];
  let blobs: Services['blobs'];
  let service: Services['exports'];
  let projectId: string;

  before(async () => {
    paperlift = await startPaperlift({ env: { EXPORTS_KEPT_NEWEST: '1' } });
    ({ stores, blobs, exports: service } = paperlift.services);
    alice = await paperlift.signIn('alice@example.com');
  });
  after(() => paperlift.stop());
  beforeEach(async () => {
    ({ projectId } = await addPile(paperlift, 'alice@example.com', { count: 1 }));
  });

  async function add(daysAgo: number, facts: Partial<Export> = {}): Promise<Export> {
    const at = new Date(Date.now() - daysAgo * day).toISOString();
    const id = ulid(Date.parse(at));
    const fileKey = `projects/${projectId}/exports/${id}/a1.txt`;
    const item = { ...made(daysAgo), ...facts, id, projectId, fileKey, createdAt: at, updatedAt: at };
    await stores.exports.create(item);
    await blobs.put(fileKey, 'text', 'text/plain');
    return item;
  }

  const list = (query = '') => alice.agent.get(`/api/v1/projects/${projectId}/exports${query}`);
  const idsOf = ({ body }: Awaited<ReturnType<typeof list>>) => body.items.map(({ id }: Export) => id);
  async function actionsOf() {
    const auditor = {
      id: 'x',
      name: 'X',
      email: '',
      groups: [paperlift.config.groups.auditors],
      ...inDefault,
    };
    const { items } = await paperlift.services.audit.list(auditor, `project:${projectId}`, { limit: 10 });
    return items.map(({ action }) => action);
  }

  test('are deleted when they are old and newer ones of their format are there, with their files and an entry', async () => {
    const oldest = await add(60);
    const old = await add(50);
    const other = await add(55, { format: 'docx' });
    await service.expire(oldest);
    assert.deepEqual(idsOf(await list()), [old.id, other.id]);
    assert.equal(await blobs.head(oldest.fileKey as string), undefined);
    assert.ok(await blobs.head(old.fileKey as string));
    assert.deepEqual(await actionsOf(), ['export.expired']);
  });

  test('become due when they are old: the sweeper finds one that was finished, and looks again at one that stays', async () => {
    const item = await add(0, { status: 'queued' });
    const claim = await stores.exports.claim({ projectId, exportId: item.id }, 'worker');
    assert.equal(claim.outcome, 'claimed');
    if (claim.outcome !== 'claimed') return;
    const file = { fileKey: item.fileKey as string, sizeBytes: 4, pageCount: 1, fingerprint: 'then' };
    assert.equal(await stores.exports.finishReady(claim.item, claim.lease, file), true);
    const due = async () =>
      (await stores.exports.find(projectId, item.id)) as Export & { dueKey?: string; dueAt: string };
    const { dueKey, dueAt } = await due();
    assert.match(dueKey ?? '', /^OLD_EXPORT/);
    assert.equal(Math.round((Date.parse(dueAt) - Date.now()) / day), 30);
    await service.expire(await due());
    assert.equal(Math.round((Date.parse((await due()).dueAt) - Date.now()) / day), 1);
  });

  test('are paged by the API, newest first; what is no cursor or limit is refused', async () => {
    const items = [];
    for (let daysAgo = 5; daysAgo > 0; daysAgo -= 1) items.unshift((await add(daysAgo)).id);
    const first = await list('?limit=2');
    assert.deepEqual(idsOf(first), items.slice(0, 2));
    const second = await list(`?limit=2&cursor=${first.body.cursor}`);
    assert.deepEqual(idsOf(second), items.slice(2, 4));
    const last = await list(`?limit=2&cursor=${second.body.cursor}`);
    assert.deepEqual([idsOf(last), last.body.cursor], [items.slice(4), undefined]);
    for (const query of ['?cursor=nonsense', '?limit=0', '?limit=101', '?other=1']) {
      const refused = await list(query);
      assert.deepEqual([refused.status, refused.body.code], [400, 'query-invalid'], query);
    }
  });

  test('are deleted by people: by the API, and on their page, which says how long they are kept', async () => {
    const [one, two] = [await add(2), await add(1)];
    const path = `/projects/${projectId}/exports`;
    const deleted = await alice.agent.delete(`/api/v1${path}/${one.id}`).set('x-csrf-token', alice.csrfToken);
    assert.equal(deleted.status, 204);
    const page = await alice.agent.get(path);
    assert.match(
      page.text,
      /keeps the latest export of each format, and every export from the last 30 days\./,
    );
    assert.match(page.text, /Delete this export\?/);
    const answer = await alice.agent
      .post(`${path}/${two.id}/delete`)
      .type('form')
      .send({ _csrf: alice.csrfToken });
    assert.deepEqual([answer.status, answer.headers.location], [303, `${path}?deleted=yes`]);
    assert.match((await alice.agent.get(answer.headers.location as string)).text, /Export deleted\./);
    assert.deepEqual(idsOf(await list()), []);
    for (const { fileKey } of [one, two]) assert.equal(await blobs.head(fileKey as string), undefined);
    assert.deepEqual(await actionsOf(), ['export.deleted', 'export.deleted']);
    const again = await alice.agent.delete(`/api/v1${path}/${one.id}`).set('x-csrf-token', alice.csrfToken);
    assert.deepEqual([again.status, again.body.code], [404, 'export-not-found']);
  });

  test('are made once for ten equal requests at once, and once more when that one failed or was deleted', async () => {
    const ask = () =>
      alice.agent
        .post(`/api/v1/projects/${projectId}/exports`)
        .set('x-csrf-token', alice.csrfToken)
        .send({ format: 'txt' });
    const askTenTimes = async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, ask));
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [202]);
      const ids = [...new Set(answers.map(({ body }) => body.id as string))];
      assert.equal(ids.length, 1, 'all are answered with the same export');
      return ids[0] as string;
    };
    const first = await askTenTimes();
    assert.deepEqual(await actionsOf(), ['export.requested']);
    const claim = await stores.exports.claim({ projectId, exportId: first }, 'worker');
    assert.equal(claim.outcome, 'claimed');
    if (claim.outcome !== 'claimed') return;
    await stores.exports.finishFailed(claim.item, claim.lease, { code: 'x', message: 'X.' });
    const second = await askTenTimes();
    await alice.agent
      .delete(`/api/v1/projects/${projectId}/exports/${second}`)
      .set('x-csrf-token', alice.csrfToken);
    const third = await askTenTimes();
    assert.deepEqual(idsOf(await list()), [third, first]);
  });
});
