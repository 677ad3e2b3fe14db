// The queue "To review": what waits for whom, in which order, and who claims it.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { readPage } from '../search/stage.ts';
import {
  ann,
  ben,
  cas,
  finance,
  foreigner,
  pageIn,
  type QueueStage,
  startQueueStage,
  tom,
} from './queue-stage.ts';

let stage: QueueStage;
before(async () => {
  stage = await startQueueStage({ databaseFaults: true });
  await stage.signIn(ann, ben, cas, tom, foreigner);
});
after(() => stage.stop());

const minute = 60_000;
const created: string[] = [];
beforeEach(async () => {
  for (const id of created.splice(0)) await stage.as(ann).call('delete', `/projects/${id}`);
  stage.pass(minute);
});

/** A project of Ann's that these may review. */
async function prepare(name: string, pageCount: number, reviewers = [ben]) {
  const project = await stage.createProject(ann, name, pageCount);
  created.push(project.id);
  for (const { id } of reviewers) await stage.share(ann, project.id, id);
  return { ...project, path: `/projects/${project.id}` };
}

const mark = (person: typeof ann, page: string, reviewed = true) =>
  stage.as(person).call('patch', page).send({ reviewed });
/** Presses "Mark as reviewed" on a page of one's queue. */
const markByForm = async (person: typeof ann, page: string) =>
  (await stage.as(person).post(`${page}/review`, { revision: '1', do: 'reviewed', confirmed: 'yes' })).headers
    .location as string;

describe('what waits', () => {
  test('oldest first, a project’s pages in their order, whichever way it was assigned', async () => {
    const late = await prepare('Late', 2);
    const early = await prepare('Early', 3);
    await stage.assign(ann, early.path, ben.id);
    stage.pass(minute);
    await stage.assign(ann, `${late.path}/pages/${late.pages[1]}`, ben.id);
    stage.pass(minute);
    await stage.assign(ann, late.path, ben.id);
    stage.pass(minute);
    await stage.addPage(early.id, 4); // began to wait when it was added
    await stage.paperlift.services.summaries.refresh(early.id);
    assert.deepEqual(await stage.titlesOf(ben), [
      'Early 1',
      'Early 2',
      'Early 3',
      'Late 2',
      'Late 1',
      'Early 4',
    ]);
  });

  test('a page enters when it is read, leaves when it is reviewed, and comes back when that is undone', async () => {
    const { id, path, pages } = await prepare('States', 1);
    await stage.assign(ann, path, ben.id);
    const page = `${path}/pages/${pages[0]}`;
    assert.deepEqual(await stage.titlesOf(ben), ['States 1']);
    assert.equal((await mark(ben, page)).status, 200);
    assert.deepEqual(await entriesOf(id), [], 'the entry is gone, not only left out');
    assert.equal((await mark(ben, page, false)).status, 200);
    assert.deepEqual(await entriesOf(id), [pages[0]]);
    const second = await stage.addPage(id, 2);
    assert.deepEqual(
      (await entriesOf(id)).sort(),
      [pages[0], second].sort(),
      'written by the worker that read it',
    );
  });

  test('one whose image was replaced waits again when it is read', async () => {
    const { id, path, pages } = await prepare('Replaced', 1);
    await stage.assign(ann, path, ben.id);
    const { stores } = stage.paperlift.services;
    const found = await stores.pages.find(id, pages[0] as string);
    await stores.pages.reviseImage(found as never, {});
    assert.deepEqual(await stage.titlesOf(ben), []);
    await readPage(stage.paperlift, id, pages[0] as string, 2, ['Another line']);
    assert.deepEqual(
      (await stage.queueOf(ben)).items.map(({ page }) => page.id),
      pages,
    );
  });

  test('deleted pages and projects are gone at once, restored pages return', async () => {
    const { id, path, pages } = await prepare('Deleted', 2);
    await stage.assign(ann, path, ben.id);
    const page = `${path}/pages/${pages[0]}`;
    await stage.as(ann).call('delete', page);
    assert.deepEqual(await stage.titlesOf(ben), ['Deleted 2']);
    await stage.paperlift.services.summaries.refresh(id);
    assert.deepEqual(await stage.titlesOf(ben), ['Deleted 1'], 'numbered anew');
    await stage.as(ann).call('post', `${page}/restore`);
    await stage.paperlift.services.summaries.refresh(id);
    assert.deepEqual(await stage.titlesOf(ben), ['Deleted 1', 'Deleted 2']);
    const { stores, now } = stage.paperlift.services;
    await stores.projects.markDeleted(id, now(), now()); // its pages are still there
    assert.deepEqual(await stage.titlesOf(ben), []);
    await stage.paperlift.services.projects.finishRemoval(id);
    assert.deepEqual(await entriesOf(id), []);
  });

  test('an entry that is older than the share shows nothing', async () => {
    const { id, path } = await prepare('Old entry', 1);
    await stage.assign(ann, path, ben.id);
    const { stores, summaries } = stage.paperlift.services;
    await stores.projects.removeMember(id, ben.id); // the process ends here
    assert.equal((await entriesOf(id)).length, 1);
    assert.deepEqual(await stage.titlesOf(ben), []);
    await summaries.refreshOrRemove(id);
    assert.deepEqual(await entriesOf(id), []);
  });

  test('an entry that is older than the assignment, or than the person’s role, shows nothing', async () => {
    const { id, path } = await prepare('Older', 1, [ben, cas]);
    await stage.assign(ann, path, ben.id);
    assert.deepEqual(await stage.titlesOf(ben), ['Older 1']);
    const { people, stores, now } = stage.paperlift.services;
    await people.save({ ...ben, groups: ['paperlift-auditors'] }, now()); // takes part in no project any more
    assert.deepEqual(await stage.titlesOf(ben), []);
    await people.save(ben, now());
    assert.deepEqual(await stage.titlesOf(ben), ['Older 1']);
    const by = { id: ann.id, name: ann.name };
    const since = now().toISOString();
    await stores.projects.assign(id, { id: cas.id, kind: 'person', name: cas.name, by, since }); // ends here
    assert.deepEqual(await stage.titlesOf(ben), []);
  });

  test('what was lost in between is written by the sweeper', async () => {
    const { id, path, pages } = await prepare('Lost', 1);
    const project = await stage.paperlift.services.stores.projects.assign(id, {
      id: ben.id,
      kind: 'person',
      name: ben.name,
      by: { id: ann.id, name: ann.name },
      since: new Date().toISOString(),
    }); // the process ends here
    assert.equal(project?.assignment?.id, ben.id);
    assert.deepEqual(await stage.titlesOf(ben), []);
    stage.pass(minute);
    const due = await stage.paperlift.services.stores.dueItems.list('SUMMARY');
    assert.ok(due.some((item) => item.id === id));
    await stage.paperlift.services.summaries.refreshOrRemove(id);
    assert.deepEqual(
      (await stage.queueOf(ben)).items.map(({ page }) => page.id),
      pages,
    );
    assert.equal(path, `/projects/${id}`);
  });

  test('of a person and their teams together, and of no one who left the team', async () => {
    const { id, path, pages } = await prepare('Team', 2, [tom]);
    await stage.share(ann, id, finance.id);
    await stage.assign(ann, path, finance.id);
    await stage.assign(ann, `${path}/pages/${pages[1]}`, tom.id);
    assert.deepEqual(await stage.titlesOf(tom), ['Team 1', 'Team 2']);
    await stage.paperlift.services.people.save({ ...tom, teams: [] }, new Date()); // the next sign-in
    assert.deepEqual(await stage.titlesOf(tom), ['Team 2']);
    await stage.paperlift.services.people.save(tom, new Date());
    assert.deepEqual(await stage.titlesOf(foreigner), []);
  });

  test('comes in pages', async () => {
    const { path } = await prepare('Many', 5);
    await stage.assign(ann, path, ben.id);
    const first = await stage.queueOf(ben, '?limit=2');
    assert.deepEqual(
      first.items.map(({ page }) => page.number),
      [1, 2],
    );
    const second = await stage.queueOf(ben, `?limit=2&cursor=${first.cursor}`);
    assert.deepEqual(
      second.items.map(({ page }) => page.number),
      [3, 4],
    );
    const third = await stage.queueOf(ben, `?limit=2&cursor=${second.cursor}`);
    assert.deepEqual([third.items.map(({ page }) => page.number), third.cursor], [[5], undefined]);
    for (const query of ['?cursor=x', '?limit=0', '?limit=51', '?sort=name'])
      assert.equal(
        (await stage.as(ben).call('get', `/review-queue${query}`)).body.code,
        'query-invalid',
        query,
      );
  });

  test('is read by three calls: the session, the entries, the pages with their projects', async () => {
    const one = await prepare('One', 3);
    const two = await prepare('Two', 3);
    for (const { path } of [one, two]) await stage.assign(ann, path, ben.id);
    await stage.as(ben).get('/review');
    const { database } = stage.paperlift;
    database.clear();
    const page = await stage.as(ben).get('/review');
    assert.match(page.text, /Page 3 · <bdi>Two<\/bdi>/);
    const operations = database.calls.map(({ operation }) => operation);
    assert.deepEqual(operations, ['BatchGetItem', 'Query', 'BatchGetItem']);
  });
});

describe('claims', () => {
  test('two people who start at once get different pages, and none is given twice', async () => {
    const { id, path, pages } = await prepare('At once', 4, []);
    for (const { id: memberId } of [finance]) await stage.share(ann, id, memberId);
    const tia = { ...tom, id: 'p-tia-team', name: 'Tia Team', email: 'tia@example.com' };
    const tim = { ...tom, id: 'p-tim-team', name: 'Tim Team', email: 'tim@example.com' };
    await stage.signIn(tia, tim);
    await stage.assign(ann, path, finance.id);
    const got = (await Promise.all([tom, tia, tim].map((person) => stage.start(person)))).map(pageIn);
    assert.deepEqual(got.toSorted(), pages.slice(0, 3).toSorted());
    const claimed = (await stage.queueOf(tom)).items.map(({ claim }) => claim?.name);
    assert.deepEqual(claimed.filter(Boolean).toSorted(), ['Tia Team', 'Tim Team', 'Tom Team']);
    assert.equal(pageIn(await stage.start(tom)), got[0], 'starting again leads to one’s own');
  });

  test('leads from a reviewed page to the next free one, past those of colleagues, and back to the start', async () => {
    const { path, pages } = await prepare('In order', 4, [ben, cas]);
    await stage.assign(ann, path, ben.id);
    const urlOf = (at: number) => `${path}/pages/${pages[at]}`;
    await stage.as(cas).post(`${urlOf(2)}/claim`);
    await stage.as(ben).post(`${urlOf(1)}/claim`);
    const next = await markByForm(ben, urlOf(1));
    assert.equal(next, `${urlOf(3)}?notice=next`, 'the third is claimed by a colleague');
    assert.match((await stage.as(ben).get(next)).text, /Marked as reviewed\. This is the next page\./);
    assert.equal(await markByForm(ben, urlOf(3)), `${urlOf(0)}?notice=next`);
    assert.equal(await markByForm(ben, urlOf(0)), '/review?notice=done');
    const queue = (await stage.as(ben).get('/review?notice=done')).text;
    assert.match(queue, /Marked as reviewed\. No other page is free\./);
    assert.match(queue, /claimed by <bdi>Cas Calm<\/bdi>/);
    const { database } = stage.paperlift;
    database.clear();
    assert.equal(await stage.start(ben), '/review?notice=none-free');
    assert.equal(database.count('UpdateItem'), 0, 'no write for a page that a colleague has');
  });

  test('a page that was not opened from the queue leads nowhere', async () => {
    const { path, pages } = await prepare('Plain', 2);
    await stage.assign(ann, path, ben.id);
    const page = `${path}/pages/${pages[0]}`;
    assert.equal(await markByForm(ben, page), `${page}?notice=reviewed`);
  });

  test('expires after ten minutes, unless it is renewed', async () => {
    const { path, pages } = await prepare('Expires', 1, [ben, cas]);
    await stage.assign(ann, path, cas.id);
    const page = `${path}/pages/${pages[0]}`;
    await stage.as(ben).post(`${page}/claim`);
    stage.pass(9 * minute);
    assert.equal(await stage.start(cas), '/review?notice=none-free');
    await stage.as(ben).post(`${page}/presence`);
    stage.pass(9 * minute);
    assert.equal((await stage.queueOf(cas)).items[0]?.claim?.name, 'Ben Bold', 'renewed by the open page');
    const saved = await stage
      .as(ben)
      .call('patch', page)
      .send({ lines: [{ id: 'l1', text: 'Better' }] });
    assert.equal(saved.status, 200);
    stage.pass(9 * minute);
    assert.equal(await stage.start(cas), '/review?notice=none-free', 'renewed by saving');
    stage.pass(2 * minute);
    assert.equal((await stage.queueOf(cas)).items[0]?.claim, undefined);
    assert.equal(pageIn(await stage.start(cas)), pages[0]);
    await stage.as(ben).post(`${page}/presence`);
    assert.equal(
      (await stage.queueOf(cas)).items[0]?.claim?.name,
      'Cas Calm',
      'an expired claim is not renewed over another',
    );
  });

  test('is not written at each poll', async () => {
    const { path, pages } = await prepare('Seldom', 1);
    await stage.assign(ann, path, ben.id);
    const page = `${path}/pages/${pages[0]}`;
    await stage.as(ben).post(`${page}/claim`);
    stage.pass(minute);
    const { database } = stage.paperlift;
    database.clear();
    const fragment = await stage.as(ben).post(`${page}/presence`);
    assert.ok(fragment.text.length < 450, `${fragment.text.length} characters`);
    assert.deepEqual(
      database.calls.map(({ operation }) => operation),
      ['BatchGetItem', 'BatchGetItem', 'UpdateItem'],
    );
    stage.pass(2 * minute);
    database.clear();
    await stage.as(ben).post(`${page}/presence`);
    assert.equal(database.calls.filter(({ operation }) => operation === 'UpdateItem').length, 2);
  });

  test('is released, and then free for others', async () => {
    const { path, pages } = await prepare('Released', 1, [ben, cas]);
    await stage.assign(ann, path, cas.id);
    const page = `${path}/pages/${pages[0]}`;
    await stage.as(ben).post(`${page}/claim`);
    assert.match((await stage.as(ben).get(page)).text, /You’re reviewing this page\.[\s\S]+id="release"/);
    await stage.as(cas).post(`${page}/release`);
    assert.equal((await stage.queueOf(cas)).items[0]?.claim?.name, 'Ben Bold', 'not by someone else');
    assert.equal((await stage.as(ben).post(`${page}/release`)).headers.location, '/review?notice=released');
    assert.equal(pageIn(await stage.start(cas)), pages[0]);
  });

  test('is taken over knowingly, which is recorded', async () => {
    const { id, path, pages } = await prepare('Taken over', 1, [ben, cas]);
    await stage.assign(ann, path, cas.id);
    const page = `${path}/pages/${pages[0]}`;
    await stage.as(ben).post(`${page}/claim`);
    await stage.as(cas).post(`${page}/claim`);
    const seen = (await stage.as(cas).get(page)).text;
    assert.match(seen, /<bdi>Ben Bold<\/bdi> is reviewing this page\.[\s\S]+id="take-over"/);
    const { trails } = stage.paperlift.services.stores;
    const takenOver = async () =>
      (await trails.list(`project:${id}`, { limit: 20 })).filter(
        ({ action }) => action === 'page.taken-over',
      );
    assert.deepEqual(await takenOver(), []);
    await stage.as(cas).post(`${page}/claim`, { takeOver: 'yes' });
    assert.deepEqual(
      (await takenOver()).map(({ actorName, detail, pageId }) => [actorName, detail, pageId]),
      [['Cas Calm', 'from Ben Bold', pages[0]]],
    );
    const address = { projectId: id, id: pages[0] as string };
    const { pages: store } = stage.paperlift.services.stores;
    assert.equal(
      await store.renewReview(address, ben),
      undefined,
      'as of a poll that the take-over overtook',
    );
    const theirs = await stage.as(ben).post(`${page}/presence`);
    assert.match(theirs.text, /Cas Calm<\/bdi> is reviewing this page/);
    assert.equal(await markByForm(ben, page), `${page}?notice=reviewed`, 'he may still review it');
  });

  test('is for those who may review alone, and for pages that wait', async () => {
    const { id, path, pages } = await prepare('Whose', 2);
    await stage.share(ann, id, cas.id, 'viewer');
    const page = `${path}/pages/${pages[0]}`;
    assert.equal((await stage.as(cas).post(`${page}/claim`)).status, 403);
    assert.equal((await stage.as(foreigner).post(`${page}/claim`)).status, 404);
    await mark(ben, page);
    await stage.as(ben).post(`${page}/claim`);
    const { stores } = stage.paperlift.services;
    const claimOf = async (at: number) => (await stores.pages.find(id, pages[at] as string))?.reviewClaim;
    assert.equal(await claimOf(0), undefined, 'not of a page that is reviewed');
    const claimed = `${path}/pages/${pages[1]}`;
    await stage.as(ben).post(`${claimed}/claim`);
    assert.equal((await claimOf(1))?.name, 'Ben Bold');
    await mark(ann, claimed);
    assert.equal(await claimOf(1), undefined, 'ends with the review');
  });
});

async function entriesOf(projectId: string): Promise<(string | undefined)[]> {
  const { clients, config } = stage.paperlift.services;
  const { Items = [] } = await clients.documents.query({
    TableName: config.aws.dynamodb.table,
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': `PROJECT#${projectId}`, ':prefix': 'TO-REVIEW#' },
  });
  return Items.map(({ pageId }) => pageId);
}
