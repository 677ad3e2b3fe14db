// Assignments, claims and the queue when DynamoDB does not answer, or when two requests overtake each other.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { composeWorker } from '../../src/compose-worker.ts';
import { awsError, type Call } from '../support/fault-proxy.ts';
import { ann, ben, pageIn, type QueueStage, startQueueStage } from './queue-stage.ts';

let stage: QueueStage;
before(async () => {
  stage = await startQueueStage({ databaseFaults: true });
  await stage.signIn(ann, ben);
});
after(() => stage.stop());
afterEach(() => stage.paperlift.database.clear());

const isAbout =
  (...words: string[]) =>
  ({ body }: Call) =>
    words.every((word) => body.includes(word));
const minute = 60_000;

async function prepare(name: string, pageCount: number) {
  const project = await stage.createProject(ann, name, pageCount);
  await stage.share(ann, project.id, ben.id);
  return { ...project, path: `/projects/${project.id}` };
}

const titlesOf = async (name: string) =>
  (await stage.titlesOf(ben)).filter((title) => title.startsWith(`${name} `));

/** What the sweeper does with a project whose summary is stale. */
async function sweep(projectId: string) {
  stage.pass(minute);
  const due = await stage.paperlift.services.stores.dueItems.list('SUMMARY');
  assert.ok(due.some(({ id }) => id === projectId));
  await stage.paperlift.services.summaries.refreshOrRemove(projectId);
}

describe('the queue when DynamoDB fails', () => {
  test('a claim whose answer was lost is recognised, and no second page is claimed', async () => {
    const { id, path, pages } = await prepare('Lost', 2);
    await stage.assign(ann, path, ben.id);
    const { database, services } = stage.paperlift;
    let lost = 0;
    database.when('UpdateItem', (call) => {
      if (lost > 0 || !isAbout('reviewClaim')(call)) return undefined;
      lost += 1;
      return { kind: 'lose-answer' };
    });
    assert.equal(pageIn(await stage.start(ben)), pages[0]);
    assert.equal(lost, 1);
    assert.equal((await services.stores.pages.find(id, pages[1] as string))?.reviewClaim, undefined);
    await stage.as(ann).call('delete', path);
  });

  test('an assignment stands when the queue cannot follow, and the sweeper carries it over', async () => {
    const { id, path } = await prepare('Assigned', 2);
    const failing = stage.paperlift.database.when(/./, (call) =>
      isAbout('TO-REVIEW#')(call) ? awsError(500, 'InternalServerError') : undefined,
    );
    assert.equal((await stage.as(ann).post(`${path}/assignee`, { assigneeId: ben.id })).status, 303);
    failing();
    assert.equal((await stage.paperlift.services.stores.projects.find(id))?.assignment?.id, ben.id);
    assert.deepEqual(await titlesOf('Assigned'), []);
    await sweep(id);
    assert.deepEqual(await titlesOf('Assigned'), ['Assigned 1', 'Assigned 2']);
  });

  test('a share is taken back although the assignments of pages cannot be', async () => {
    const { id, path, pages } = await prepare('Unshared', 1);
    await stage.assign(ann, `${path}/pages/${pages[0]}`, ben.id);
    const failing = stage.paperlift.database.when('Query', (call) =>
      isAbout('begins_with', 'PAGE#')(call) ? awsError(500, 'InternalServerError') : undefined,
    );
    assert.equal((await stage.as(ann).call('delete', `${path}/members/${ben.id}`)).status, 204);
    failing();
    assert.deepEqual(await titlesOf('Unshared'), []);
    await sweep(id);
    const page = await stage.paperlift.services.stores.pages.find(id, pages[0] as string);
    assert.equal(page?.assignment, undefined);
  });

  test('a page is ready although its entry could not be written, which the sweeper does', async () => {
    const { id, path } = await prepare('Ready', 1);
    await stage.assign(ann, path, ben.id);
    const failing = stage.paperlift.database.when('PutItem', (call) =>
      isAbout('TO-REVIEW#')(call) ? awsError(500, 'InternalServerError') : undefined,
    );
    const added = await stage.addPage(id, 2);
    failing();
    assert.equal((await stage.paperlift.services.stores.pages.find(id, added))?.status, 'ready');
    assert.deepEqual(await titlesOf('Ready'), ['Ready 1']);
    await sweep(id);
    assert.deepEqual(await titlesOf('Ready'), ['Ready 1', 'Ready 2']);
  });

  test('a page whose worker stopped right after it was ready enters by the sweeper', async () => {
    const { id, path } = await prepare('Stopped', 1);
    await stage.assign(ann, path, ben.id);
    const { database, services } = stage.paperlift;
    await services.settle(5000);
    const failing = database.when(/./, (call) => {
      const isFollowing =
        isAbout('TO-REVIEW#')(call) ||
        isAbout(':stale')(call) ||
        (call.operation === 'GetItem' && isAbout('INDEX#')(call));
      return isFollowing ? awsError(500, 'InternalServerError') : undefined;
    });
    await stage.addPage(id, 2);
    failing();
    const worker = composeWorker(services);
    for (let sweeps = 0; sweeps < 2; sweeps += 1) {
      stage.pass(minute);
      await worker.sweeper.sweep();
    }
    await worker.stop(0);
    assert.deepEqual(await titlesOf('Stopped'), ['Stopped 1', 'Stopped 2']);
  });

  test('a derivation that a review overtakes leaves no entry behind', async () => {
    const { id, path, pages } = await prepare('Overtaken', 1);
    const { database, services } = stage.paperlift;
    await services.stores.projects.assign(id, {
      id: ben.id,
      kind: 'person',
      name: ben.name,
      by: { id: ann.id, name: ann.name },
      since: services.now().toISOString(),
    });
    const held = database.hold('Query', isAbout('TO-REVIEW#')); // its pages are read by then
    const deriving = services.summaries.refresh(id);
    await held.reached;
    stage.pass(1000);
    const page = `${path}/pages/${pages[0]}`;
    assert.equal((await stage.as(ben).call('patch', page).send({ reviewed: true })).status, 200);
    held.release();
    await deriving;
    const { Items = [] } = await services.clients.documents.query({
      TableName: services.config.aws.dynamodb.table,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': `PROJECT#${id}`, ':prefix': 'TO-REVIEW#' },
    });
    assert.deepEqual(Items, []);
  });
});
