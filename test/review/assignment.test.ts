// Whom a project or a page is assigned to: who may assign, to whom, and what takes an assignment away.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  ann,
  auditor,
  ben,
  cas,
  finance,
  foreigner,
  type QueueStage,
  startQueueStage,
  tom,
} from './queue-stage.ts';

let stage: QueueStage;
before(async () => {
  stage = await startQueueStage();
  await stage.signIn(ann, ben, cas, tom, foreigner, auditor);
});
after(() => stage.stop());

/** Of this project alone: those of other tests wait, too. */
const titlesOf = async (person: typeof ann, name: string) =>
  (await stage.titlesOf(person)).filter((title) => title.startsWith(`${name} `));
const assigneeOf = async (path: string) => (await stage.as(ann).call('get', path)).body.assignee?.id;

describe('assigning a project', () => {
  test('to a reviewer, who then has its ready pages in their queue; to no one, and they are gone', async () => {
    const { id } = await stage.createProject(ann, 'Receipts', 2);
    await stage.share(ann, id, ben.id);
    const assigned = await stage.assign(ann, `/projects/${id}`, ben.id);
    assert.deepEqual([assigned.status, assigned.body.assignee], [200, { id: ben.id, name: 'Ben Bold' }]);
    assert.deepEqual(await titlesOf(ben, 'Receipts'), ['Receipts 1', 'Receipts 2']);
    assert.deepEqual(await titlesOf(ann, 'Receipts'), []);
    const listed = (await stage.as(ann).call('get', '/projects?sort=changed')).body.items;
    assert.equal(listed.find((project: { id: string }) => project.id === id).assignee?.id, ben.id);
    const cleared = await stage.assign(ann, `/projects/${id}`, null);
    assert.equal(cleared.body.assignee, undefined);
    assert.deepEqual(await titlesOf(ben, 'Receipts'), []);
  });

  test('to its owner, to editors and to teams, and to no one who may not review it', async () => {
    const { id } = await stage.createProject(ann, 'Whom', 1);
    await stage.share(ann, id, ben.id, 'viewer');
    await stage.share(ann, id, cas.id, 'editor');
    await stage.share(ann, id, finance.id);
    for (const assigneeId of [ben.id, tom.id, foreigner.id, 'p-never']) {
      const refused = await stage.assign(ann, `/projects/${id}`, assigneeId);
      assert.deepEqual([refused.status, refused.body.code], [400, 'not-a-reviewer'], assigneeId);
      assert.match(refused.body.detail, /Share it with them as reviewer or editor first\./);
    }
    for (const assigneeId of [ann.id, cas.id, finance.id])
      assert.equal((await stage.assign(ann, `/projects/${id}`, assigneeId)).status, 200, assigneeId);
    assert.deepEqual(await titlesOf(tom, 'Whom'), ['Whom 1']);
  });

  test('of a team to the team that owns it', async () => {
    const { id } = await stage.createProject(tom, 'Of the team', 1, { teamId: finance.id });
    assert.equal((await stage.assign(tom, `/projects/${id}`, finance.id)).status, 200);
    assert.ok((await stage.titlesOf(tom)).includes('Of the team 1'));
  });

  test('only by those who may edit it', async () => {
    const { id, pages } = await stage.createProject(ann, 'By whom', 1);
    await stage.share(ann, id, ben.id, 'reviewer');
    for (const person of [ben, auditor]) {
      assert.equal((await stage.assign(person, `/projects/${id}`, ann.id)).body.code, 'read-only');
      assert.equal(
        (await stage.assign(person, `/projects/${id}/pages/${pages[0]}`, ann.id)).body.code,
        'read-only',
      );
      assert.equal(
        (await stage.as(person).post(`/projects/${id}/assignee`, { assigneeId: ann.id })).status,
        403,
      );
    }
    assert.equal(await assigneeOf(`/projects/${id}`), undefined);
  });

  test('is in the trail of the project and of the assignee', async () => {
    const { id } = await stage.createProject(ann, 'On record', 1);
    await stage.share(ann, id, ben.id);
    await stage.assign(ann, `/projects/${id}`, ben.id);
    await stage.assign(ann, `/projects/${id}`, ann.id);
    await stage.assign(ann, `/projects/${id}`, null);
    const { trails } = stage.paperlift.services.stores;
    const entries = await trails.list(`project:${id}`, { limit: 10 });
    assert.deepEqual(
      entries.filter(({ action }) => /assigned$/.test(action)).map(({ action, detail }) => [action, detail]),
      [
        ['project.unassigned', 'Ann Able'],
        ['project.assigned', 'Ben Bold → Ann Able'],
        ['project.assigned', 'Ben Bold'],
      ],
    );
    const own = await trails.list(`person:${ben.id}`, { limit: 5 });
    assert.ok(own.some(({ action, projectId }) => action === 'project.assigned' && projectId === id));
  });
});

describe('assigning single pages', () => {
  test('goes before the assignment of the project, and taken away leaves them to it', async () => {
    const { id, pages } = await stage.createProject(ann, 'Split', 3);
    for (const person of [ben, cas]) await stage.share(ann, id, person.id);
    await stage.assign(ann, `/projects/${id}`, ben.id);
    const page = `/projects/${id}/pages/${pages[1]}`;
    const assigned = await stage.assign(ann, page, cas.id);
    assert.deepEqual(assigned.body.assignee, { id: cas.id, name: 'Cas Calm' });
    assert.deepEqual(await titlesOf(ben, 'Split'), ['Split 1', 'Split 3']);
    assert.deepEqual(await titlesOf(cas, 'Split'), ['Split 2']);
    assert.equal((await stage.assign(ann, page, null)).body.assignee, undefined);
    assert.deepEqual(await titlesOf(ben, 'Split'), ['Split 1', 'Split 2', 'Split 3']);
    assert.deepEqual(await titlesOf(cas, 'Split'), []);
  });

  test('several at once by the project’s form, undone by the button beside it', async () => {
    const { id, pages } = await stage.createProject(ann, 'Batch', 3);
    await stage.share(ann, id, cas.id);
    const batch = (fields: object) =>
      stage.as(ann).post(`/projects/${id}/batch`, { page: pages.slice(0, 2), fragment: 'yes', ...fields });
    assert.equal((await batch({ do: 'assign', assignee: cas.id })).body.said, '2 pages assigned.');
    assert.deepEqual(await titlesOf(cas, 'Batch'), ['Batch 1', 'Batch 2']);
    const shown = (await stage.as(ann).get(`/projects/${id}`)).text;
    assert.equal(shown.match(/class="page-assignee soft" title="Assigned to Cas Calm"/g)?.length, 2);
    assert.match(shown, /id="unassign-chosen"/);
    assert.equal((await batch({ do: 'unassign' })).body.said, '2 pages unassigned.');
    assert.deepEqual(await titlesOf(cas, 'Batch'), []);
    assert.equal((await batch({ do: 'assign' })).body.code, 'no-assignee');
    assert.equal((await batch({ do: 'assign', assignee: ben.id })).body.code, 'not-a-reviewer');
    const { trails } = stage.paperlift.services.stores;
    const [last] = await trails.list(`project:${id}`, { limit: 1 });
    assert.equal(last?.action, 'page.unassigned');
    assert.match(last?.detail ?? '', /^2 pages: /);
  });

  test('on the page itself, with the name of who did it', async () => {
    const { id, pages } = await stage.createProject(ann, 'On the page', 1);
    await stage.share(ann, id, ben.id);
    const url = `/projects/${id}/pages/${pages[0]}`;
    await stage.as(ann).post(`${url}/assignee`, { assigneeId: ben.id });
    const seen = (await stage.as(ben).get(url)).text;
    assert.match(seen, /title="Assigned by Ann Able, [^"]+">Assigned to you</);
    assert.doesNotMatch(seen, /id="unassign-page"/);
    assert.match((await stage.as(ann).get(url)).text, /id="unassign-page" name="assigneeId" value=""/);
    await stage.as(ann).post(`${url}/assignee`, { assigneeId: '' });
    assert.doesNotMatch((await stage.as(ann).get(url)).text, /Assigned to/);
  });
});

describe('the project’s page', () => {
  test('shows whom it is assigned to, and undoes an assignment by one click', async () => {
    const { id } = await stage.createProject(ann, 'Undone', 1);
    await stage.share(ann, id, ben.id);
    await stage.assign(ann, `/projects/${id}`, ann.id);
    const moved = await stage.as(ann).post(`/projects/${id}/assignee`, { assigneeId: ben.id });
    const page = (await stage.as(ann).get(moved.headers.location as string)).text;
    assert.match(page, /<span>Review: <bdi>Ben Bold<\/bdi>/);
    assert.match(
      page,
      new RegExp(
        `name="assigneeId" value="${ann.id}">\\s*<span role="status">Review assigned to <bdi>Ben Bold`,
      ),
    );
    assert.match(
      (await stage.as(ben).get(`/projects/${id}`)).text,
      /Review: <a href="\/review">assigned to you<\/a>/,
    );
    const cleared = await stage.as(ann).post(`/projects/${id}/assignee`, { assigneeId: '' });
    assert.match(
      (await stage.as(ann).get(cleared.headers.location as string)).text,
      /Review no longer assigned\./,
    );
    await stage.as(ann).post(`/projects/${id}/assignee`, { assigneeId: ben.id });
    assert.equal(await assigneeOf(`/projects/${id}`), ben.id);
  });
});

describe('an assignment ends with the share', () => {
  async function assignBoth(name: string) {
    const { id, pages } = await stage.createProject(ann, name, 2);
    await stage.share(ann, id, ben.id);
    await stage.assign(ann, `/projects/${id}`, ben.id);
    await stage.assign(ann, `/projects/${id}/pages/${pages[0]}`, ben.id);
    /** As stored: whoever views the project has it put right. */
    const stored = async () =>
      (await stage.paperlift.services.stores.pages.find(id, pages[0] as string))?.assignment?.id;
    return { id, page: `/projects/${id}/pages/${pages[0]}`, stored };
  }

  test('when the member is removed, and does not return with them', async () => {
    const { id, page, stored } = await assignBoth('Removed');
    assert.equal(await stored(), ben.id);
    await stage.as(ann).call('delete', `/projects/${id}/members/${ben.id}`);
    assert.equal(await stored(), undefined);
    assert.equal(await assigneeOf(`/projects/${id}`), undefined);
    assert.equal(await assigneeOf(page), undefined);
    await stage.share(ann, id, ben.id);
    assert.equal(await assigneeOf(`/projects/${id}`), undefined);
    assert.equal(await assigneeOf(page), undefined);
    assert.ok(!(await stage.titlesOf(ben)).some((title) => title.startsWith('Removed')));
  });

  test('when they become a viewer', async () => {
    const { id, page, stored } = await assignBoth('Viewer');
    await stage.share(ann, id, ben.id, 'viewer');
    assert.equal(await stored(), undefined);
    assert.equal(await assigneeOf(`/projects/${id}`), undefined);
    assert.equal(await assigneeOf(page), undefined);
  });

  test('but not when they become an editor', async () => {
    const { id, page } = await assignBoth('Editor');
    await stage.share(ann, id, ben.id, 'editor');
    assert.equal(await assigneeOf(`/projects/${id}`), ben.id);
    assert.equal(await assigneeOf(page), ben.id);
  });

  test('when the project is handed over, for the owner until then; the new owner keeps theirs', async () => {
    const { id, pages } = await stage.createProject(ann, 'Handed over', 2);
    await stage.share(ann, id, ben.id);
    await stage.assign(ann, `/projects/${id}`, ann.id);
    await stage.assign(ann, `/projects/${id}/pages/${pages[0]}`, ann.id);
    await stage.assign(ann, `/projects/${id}/pages/${pages[1]}`, ben.id);
    assert.equal((await stage.as(ann).call('put', `/projects/${id}/owner`).send({ id: ben.id })).status, 200);
    assert.equal(await assigneeOf(`/projects/${id}`), undefined);
    assert.equal(await assigneeOf(`/projects/${id}/pages/${pages[0]}`), undefined);
    assert.equal(await assigneeOf(`/projects/${id}/pages/${pages[1]}`), ben.id);
    const own = (await stage.titlesOf(ann)).filter((title) => title.startsWith('Handed over'));
    assert.deepEqual(own, []);
  });

  test('also where a process stopped in between: the sweeper takes the pages away', async () => {
    const { id, page } = await assignBoth('Interrupted');
    await stage.paperlift.services.stores.projects.removeMember(id, ben.id);
    assert.equal(await assigneeOf(page), ben.id);
    stage.pass(60_000);
    const due = await stage.paperlift.services.stores.dueItems.list('SUMMARY');
    assert.ok(due.some((item) => item.id === id));
    await stage.paperlift.services.summaries.refreshOrRemove(id);
    assert.equal(await assigneeOf(page), undefined);
    assert.equal(await assigneeOf(`/projects/${id}`), undefined);
  });
});
