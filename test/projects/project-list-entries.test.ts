// What a list by last change shows comes from its index alone, so that the page takes two calls.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { composeWorker } from '../../src/compose-worker.ts';
import { awsError, type Call } from '../support/fault-proxy.ts';
import { localPersonId } from '../support/local-people.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { addPile } from '../support/piles.ts';

const email = 'alice@example.com';
let paperlift: Paperlift;
let moment = new Date();
let alice: Awaited<ReturnType<Paperlift['signIn']>>;
before(async () => {
  paperlift = await startPaperlift({ now: () => moment, databaseFaults: true });
  moment = new Date(); // sign-ins are checked against the provider's clock
  alice = await paperlift.signIn(email);
  for (const name of ['One', 'Two']) await addPile(paperlift, email, { name, count: 1 });
});
after(() => paperlift.stop());

async function namesListed(): Promise<string[]> {
  const { text } = await alice.agent.get('/');
  return [...text.matchAll(/class="row-link"[^>]*><bdi>([^<]*)<\/bdi>/g)].map(([, name = '']) => name);
}

const post = (path: string, body: object = {}) =>
  alice.agent.post(path).set('x-csrf-token', alice.csrfToken).send(body);

/** The project's entries in the index, whether or not the list shows them. */
async function entryCount(): Promise<number> {
  const { Items = [] } = await paperlift.services.clients.documents.query({
    TableName: paperlift.services.config.aws.dynamodb.table,
    IndexName: 'byOwner',
    KeyConditionExpression: 'ownerKey = :key',
    ExpressionAttributeValues: { ':key': `CHANGED#${localPersonId(paperlift, email)}` },
  });
  return Items.length;
}

const addressOf = (projectId: string, sk: string) => ({
  TableName: paperlift.services.config.aws.dynamodb.table,
  Key: { pk: `PROJECT#${projectId}`, sk },
});

async function sweepIn(minutes: number) {
  moment = new Date(moment.getTime() + minutes * 60_000);
  const worker = composeWorker(paperlift.services);
  await worker.sweeper.sweep();
  await worker.stop(0);
}

test('the list takes two calls: the session and the index', async () => {
  await namesListed(); // derives what is stale
  paperlift.database.clear();
  assert.deepEqual(await namesListed(), ['Two', 'One']);
  const asked = paperlift.database.calls.map(({ operation }) => operation);
  assert.deepEqual(asked, ['BatchGetItem', 'Query']);
});

test('a project that was listed or renamed by a version without copies is shown as it is', async () => {
  const { documents } = paperlift.services.clients;
  const { projectId } = await addPile(paperlift, email, { name: 'Older', count: 1 });
  await namesListed();
  await documents.update({ ...addressOf(projectId, 'SUMMARY'), UpdateExpression: 'REMOVE projectCopy' });
  assert.deepEqual(await namesListed(), ['Older', 'Two', 'One']);
  paperlift.database.clear();
  await namesListed();
  assert.equal(paperlift.database.calls.length, 2, 'it was copied when it was read');

  await documents.update({
    ...addressOf(projectId, 'PROJECT'),
    UpdateExpression: 'SET #name = :name',
    ExpressionAttributeNames: { '#name': 'name' },
    ExpressionAttributeValues: { ':name': 'Newer' },
  });
  await documents.update({
    ...addressOf(projectId, 'SUMMARY'),
    UpdateExpression: 'SET folded = :folded',
    ExpressionAttributeValues: { ':folded': 'newer' },
  });
  assert.deepEqual(await namesListed(), ['Newer', 'Two', 'One']);
  await alice.agent.get(`/projects/${projectId}`);
  paperlift.database.clear();
  assert.deepEqual(await namesListed(), ['Newer', 'Two', 'One']);
  assert.equal(paperlift.database.calls.length, 2, 'viewing the project copied it');
});

test('a project whose creation failed is not listed, and its entry is removed by the sweeper', async () => {
  const [listed, entries] = [await namesListed(), await entryCount()];
  const isProject = ({ body }: Call) => body.includes('"sk":{"S":"PROJECT"}');
  const release = paperlift.database.when('PutItem', (call) =>
    isProject(call) ? awsError(400, 'ValidationException') : undefined,
  );
  assert.equal((await post('/api/v1/projects', { name: 'Failed' })).status, 500);
  release();
  assert.equal(await entryCount(), entries + 1);
  assert.deepEqual(await namesListed(), listed);
  await sweepIn(2);
  assert.equal(await entryCount(), entries);
});

test('the entry of a project whose deletion was interrupted leads to a page that says so, until it is swept', async () => {
  const { projectId, path } = await addPile(paperlift, email, { name: 'Interrupted', count: 1 });
  const listed = await namesListed();
  const release = paperlift.database.when('DeleteItem', awsError(400, 'ValidationException'));
  assert.equal((await post(`${path}/delete`)).status, 500);
  release();
  assert.deepEqual(await namesListed(), listed);
  const answer = await alice.agent.get(path);
  assert.equal(answer.status, 404);
  assert.match(answer.text, /<p>This project doesn’t exist/);
  assert.equal((await post(`${path}/delete`)).headers.location, '/', 'deleting it again is no error');
  await sweepIn(20);
  assert.ok(!(await namesListed()).includes('Interrupted'));
  assert.equal(await paperlift.services.stores.projects.find(projectId), undefined);
});
