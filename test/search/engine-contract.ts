// What both engines do, seen by people who search over HTTP. An engine may take a moment until it finds what was written.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { composeWorker } from '../../src/compose-worker.ts';
import type { Person } from '../../src/people/person.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { browserOf, buildPerson } from '../support/session-of.ts';
import { waitFor } from '../support/wait.ts';
import { addPage, readPage } from './stage.ts';

const finance = { id: 't-finance', name: 'Finance' };
const ann = buildPerson('Ann Able');
const ben = buildPerson('Ben Bold');
const tom = buildPerson('Tom Team', { teams: [finance] });
const boss = buildPerson('Bea Boss', { groups: ['paperlift-admins'] });
const foreigner = buildPerson('Fay Abroad', { organisationId: 'abroad', groups: ['paperlift-admins'] });

type Answer = {
  items: { page?: { id: string }; line: { text: string; found: boolean }[] }[];
  cursor?: string;
};

/** Runs the contract against an engine that `env` configures. */
export function describeEngine(name: string, env: Record<string, string>) {
  describe(name, () => {
    let paperlift: Paperlift;
    let later = 0;
    const browsers = new Map<string, Awaited<ReturnType<typeof browserOf>>>();

    before(async () => {
      paperlift = await startPaperlift({ env, now: () => new Date(Date.now() + later) });
      for (const person of [ann, ben, tom, boss, foreigner])
        browsers.set(person.id, await browserOf(paperlift, person));
    });
    after(() => paperlift?.stop());

    function call(person: Person, method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string) {
      const { agent, csrfToken } = browsers.get(person.id) as Awaited<ReturnType<typeof browserOf>>;
      return agent[method](`/api/v1${path}`).set('x-csrf-token', csrfToken);
    }

    async function search(person: Person, q: string, more: Record<string, string> = {}): Promise<Answer> {
      const answer = await call(person, 'get', `/search?${new URLSearchParams({ q, ...more })}`);
      assert.equal(answer.status, 200, answer.text);
      return answer.body;
    }

    /** The best lines, with what was found between brackets. */
    async function find(person: Person, q: string, more?: Record<string, string>): Promise<string[]> {
      const { items } = await search(person, q, more);
      return items.map(({ line }) => line.map(({ text, found }) => (found ? `[${text}]` : text)).join(''));
    }

    /** Waits until exactly this is found, in any order. */
    async function finds(person: Person, q: string, expected: string[], more?: Record<string, string>) {
      let found: string[] = [];
      await waitFor(
        `${person.name} to find ${expected} by ${q}`,
        async () => {
          found = await find(person, q, more);
          return found.toSorted().join('|') === expected.toSorted().join('|') || undefined;
        },
        20_000,
      ).catch(() => assert.deepEqual(found, expected, `${person.name} by ${q}`));
    }

    async function createProject(owner: Person, projectName: string): Promise<string> {
      const made = await call(owner, 'post', '/projects').send({ name: projectName });
      assert.equal(made.status, 201, made.text);
      return made.body.id;
    }

    /** Lets so much time pass that everything is due, and sweeps. */
    async function sweepLater() {
      later += 2 * 3_600_000;
      const worker = composeWorker(paperlift.services);
      await worker.sweeper.sweep();
      await worker.stop(1000);
      later = 0; // sessions are good again
    }

    test('finds words, their beginnings, numbers and phrases, and marks them', async () => {
      const id = await createProject(ann, 'Receipts');
      await addPage(paperlift, id, ['Hardware Trading Ltd', 'Grand total RM39.00', 'Tel 03- 6258 7191']);
      await addPage(paperlift, id, ['Total grand piano', 'Herr Müller']);
      await addPage(paperlift, id, ['東京都の請求書']);
      await finds(ann, 'hardw', ['[Hardw]are Trading Ltd']);
      await finds(ann, 'trading hardware', ['[Hardware] [Trading] Ltd']);
      await finds(ann, '39.00', ['Grand total RM[39.00]']);
      await finds(ann, 'rm39', ['Grand total [RM39].00']);
      await finds(ann, '62587191', ['Tel 03- [6258 7191]']);
      await finds(ann, '"grand total"', ['[Grand total] RM39.00']);
      await finds(ann, '"grand tot', ['[Grand tot]al RM39.00']);
      await finds(ann, 'mueller', ['Herr [Müller]']);
      await finds(ann, '請求書', ['東京都の[請求書]']);
      await finds(ann, 'hardware neverwritten', []);
    });

    test('asks the names of files and projects', async () => {
      const one = await createProject(ann, 'Vineyard north');
      const other = await createProject(ann, 'Vineyard south');
      await addPage(paperlift, one, ['harvest of one'], undefined, { fileName: 'invoice-7.jpg' });
      await addPage(paperlift, one, ['harvest of two'], undefined, { fileName: 'letter.jpg' });
      await addPage(paperlift, other, ['harvest of three'], undefined, { fileName: 'invoice-8.jpg' });
      await finds(ann, 'harvest project:north', ['[harvest] of one', '[harvest] of two']);
      await finds(ann, 'harvest file:invoice', ['[harvest] of one', '[harvest] of three']);
      await finds(ann, 'harvest file:"invoice-7" project:"vineyard n', ['[harvest] of one']);
      await finds(ann, 'harvest project:neverwritten', []);
    });

    test('shows people what they own, what their team owns and what is shared with them, and nothing else', async () => {
      const own = await createProject(ann, 'Zebracorn plans');
      await addPage(paperlift, own, ['the zebracorn is secret']);
      const both = ['[Zebracorn] plans', 'the [zebracorn] is secret'];
      await finds(ann, 'zebracorn', both);
      for (const person of [ben, tom, boss, foreigner]) await finds(person, 'zebracorn', []);
      await finds(boss, 'zebracorn', both, { scope: 'all' });
      await finds(foreigner, 'zebracorn', [], { scope: 'all' });
      assert.equal((await call(ben, 'get', '/search?q=zebracorn&scope=all')).body.code, 'may-not-list-all');
      const share = (to: string) =>
        call(ann, 'put', `/projects/${own}/members/${to}`).send({ role: 'viewer' });
      assert.equal((await share(ben.id)).status, 200);
      await finds(ben, 'zebracorn', both);
      assert.equal((await call(ann, 'delete', `/projects/${own}/members/${ben.id}`)).status, 204);
      assert.deepEqual(await find(ben, 'zebracorn'), [], 'at once');
      assert.equal((await share(finance.id)).status, 200);
      await finds(tom, 'zebracorn', both);
      await finds(ben, 'zebracorn', []);
    });

    test('goes with a project to its new owner', async () => {
      const id = await createProject(ann, 'Inheritance');
      await addPage(paperlift, id, ['walnut table']);
      await finds(ann, 'walnut', ['[walnut] table']);
      assert.equal(
        (await call(ann, 'put', `/projects/${id}/members/${ben.id}`).send({ role: 'editor' })).status,
        200,
      );
      const { stores, sharing } = paperlift.services;
      const project = await stores.projects.find(id);
      await stores.projects.changeOwner(project as never, { id: ben.id, name: ben.name }, new Date(0));
      await sharing.finishHandOver(id);
      assert.equal((await call(ben, 'delete', `/projects/${id}/members/${ann.id}`)).status < 500, true);
      await finds(ben, 'walnut', ['[walnut] table']);
      await finds(ann, 'walnut', []);
    });

    test('follows corrections, replaced images and deletions', async () => {
      const projectId = await createProject(ann, 'Corrections');
      const pageId = await addPage(paperlift, projectId, ['Walrvs and seal', 'other line']);
      const page = `/projects/${projectId}/pages/${pageId}`;
      await finds(ann, 'walrvs', ['[Walrvs] and seal']);
      const corrected = await call(ann, 'patch', page).send({
        lines: [{ id: 'l1', text: 'Sturgeon and seal' }],
      });
      assert.equal(corrected.status, 200, corrected.text);
      assert.deepEqual(await find(ann, 'walrvs'), [], 'what was corrected is not shown any more, at once');
      await finds(ann, 'sturgeon', ['[Sturgeon] and seal']);
      const { pages } = paperlift.services.stores;
      await pages.reviseImage((await pages.find(projectId, pageId)) as never, {});
      assert.deepEqual(await find(ann, 'sturgeon'), []);
      await readPage(paperlift, projectId, pageId, 2, ['Narwhal']);
      await finds(ann, 'narwhal', ['[Narwhal]']);
      assert.equal((await call(ann, 'delete', page)).status, 204);
      assert.deepEqual(await find(ann, 'narwhal'), []);
    });

    test('follows a project’s name, and finds nothing of a deleted project', async () => {
      const projectId = await createProject(ann, 'Ocelot');
      await addPage(paperlift, projectId, ['ocelot text']);
      await finds(ann, 'ocelot', ['[Ocelot]', '[ocelot] text']);
      await call(ann, 'patch', `/projects/${projectId}`).send({ name: 'Margay' });
      await finds(ann, 'margay', ['[Margay]']);
      await finds(ann, 'ocelot', ['[ocelot] text']);
      assert.equal((await call(ann, 'delete', `/projects/${projectId}`)).status, 204);
      assert.deepEqual(await find(ann, 'ocelot'), []);
      assert.deepEqual(await find(boss, 'margay', { scope: 'all' }), []);
      await sweepLater();
      assert.deepEqual(await paperlift.services.stores.indexedTexts.listMarked(projectId), []);
    });

    test('finds what was announced and not written, once the sweeper came by', async () => {
      const projectId = await createProject(ann, 'Interrupted');
      const { stores, searchEngine } = paperlift.services;
      const pageId = await addPage(paperlift, projectId, ['first']);
      await searchEngine.announce({ projectId, pageId });
      const due = async () => (await stores.dueItems.list('INDEX')).map(({ pageId }) => pageId);
      later = 3_600_000;
      assert.ok((await due()).includes(pageId), 'it is marked');
      later = 0;
      await sweepLater();
      later = 3_600_000;
      assert.ok(!(await due()).includes(pageId), 'the mark is off');
      later = 0;
    });

    test('has the last of many changes that come at once', async () => {
      const projectId = await createProject(ann, 'At once');
      const pageId = await addPage(paperlift, projectId, ['one', 'two', 'three', 'four']);
      const texts = ['eins', 'zwei', 'drei', 'vier'];
      const answers = await Promise.all(
        texts.map((text, at) =>
          call(ann, 'patch', `/projects/${projectId}/pages/${pageId}`).send({
            lines: [{ id: `l${at + 1}`, text: `${text}xq` }],
          }),
        ),
      );
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200, 200, 200],
      );
      for (const text of texts) await finds(ann, `${text}xq`, [`[${text}xq]`]);
    });

    test('leads on behind what was shown, and refuses what is no cursor', async () => {
      const projectId = await createProject(ann, 'Many');
      const ids: string[] = [];
      for (let number = 0; number < 23; number += 1)
        ids.push(await addPage(paperlift, projectId, [`wombat ${number}`]));
      await waitFor('the last of them', async () => (await find(ann, 'wombat 22')).length === 1 || undefined);
      const first = await search(ann, 'wombat');
      const second = await search(ann, 'wombat', { cursor: first.cursor as string });
      const shown = [...first.items, ...second.items].map(({ page }) => page?.id);
      assert.deepEqual([first.items.length, second.items.length, second.cursor], [20, 3, undefined]);
      assert.deepEqual(shown.toSorted(), ids.toSorted(), 'each once');
      assert.equal((await call(ann, 'get', '/search?q=wombat&cursor=~abc')).status, 400);
    });

    test('answers whatever is typed', async () => {
      for (const q of [
        '',
        ' ',
        '"',
        '*',
        'a AND (',
        '\\',
        '/.*/',
        'project:',
        'file:"',
        '{"match_all":{}}',
        '_exists_:id',
        '\u0000',
        'x'.repeat(300),
      ])
        assert.equal((await call(ann, 'get', `/search?${new URLSearchParams({ q })}`)).status, 200, q);
    });
  });
}
