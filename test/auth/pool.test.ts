import assert from 'node:assert/strict';
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  CognitoIdentityProviderClient,
  CreateGroupCommand,
  DeleteGroupCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { PoolMirror } from '../../src/auth/pool-mirror.ts';
import { composeWorker } from '../../src/compose-worker.ts';
import { personKey } from '../../src/people/person.keys.ts';
import { localPersonId } from '../support/local-people.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { inDefault } from '../support/people.ts';
import { isOpenedBy, sessionCookieOf } from '../support/sessions.ts';

let paperlift: Paperlift;
let mirror: PoolMirror['mirror'];
let cognito: CognitoIdentityProviderClient;
/** By how much the app's clock is ahead: it goes on, as the provider's does. */
let aheadMs = 0;

/** The pool, behind a door that can be shut: then nothing is ever answered. */
let isOpen = true;
const calls: string[] = [];
const door = createServer((incoming, outgoing) => {
  calls.push(String(incoming.headers['x-amz-target']).split('.').at(-1) as string);
  if (!isOpen) return;
  const target = new URL(incoming.url ?? '/', paperlift.standIns.env.COGNITO_ENDPOINT);
  const { method, headers } = incoming;
  const passing = forward(target, { method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(outgoing);
  });
  incoming.pipe(passing);
});

before(async () => {
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(door.address() as AddressInfo).port}`;
  paperlift = await startPaperlift({
    env: { COGNITO_ENDPOINT: endpoint },
    now: () => new Date(Date.now() + aheadMs),
  });
  mirror = (paperlift.services.poolMirror as PoolMirror).mirror;
  cognito = new CognitoIdentityProviderClient({
    region: 'us-east-1',
    endpoint: paperlift.standIns.env.COGNITO_ENDPOINT as string,
  });
});
beforeEach(() => {
  isOpen = true;
  calls.length = 0;
});
after(async () => {
  cognito.destroy();
  await paperlift.stop();
  door.closeAllConnections();
  await new Promise((resolve) => door.close(resolve));
});

const inPool = (email: string) => ({
  UserPoolId: paperlift.config.aws.cognito?.userPoolId,
  Username: email,
});

async function groupsInPool(email: string): Promise<string[]> {
  const { Username } = await cognito.send(new AdminGetUserCommand(inPool(email)));
  const { UserPoolId } = inPool(email);
  const { Groups = [] } = await cognito.send(new AdminListGroupsForUserCommand({ UserPoolId, Username }));
  return Groups.map(({ GroupName = '' }) => GroupName).sort();
}

async function itemOf(id: string) {
  const { documents } = paperlift.services.clients;
  const { Item } = await documents.send(new GetCommand({ TableName: 'paperlift', Key: personKey(id) }));
  return Item;
}

const fay = (...groups: string[]) => ({
  id: 'p-fay',
  name: 'Fay Fisher',
  email: 'fay@example.com',
  groups,
  ...inDefault,
});

test('a person who is new is created in the pool with verified address and groups, and is linked', async () => {
  await mirror(fay('paperlift-users'));
  const user = await cognito.send(new AdminGetUserCommand(inPool('fay@example.com')));
  assert.equal(user.UserAttributes?.find(({ Name }) => Name === 'email_verified')?.Value, 'true');
  assert.deepEqual(await groupsInPool('fay@example.com'), ['paperlift-users']);
  const known = await paperlift.services.people.findByPoolUser(user.Username as string);
  assert.equal(known?.id, 'p-fay');
});

test('memberships are added and removed as the groups change; others in the pool are left alone', async () => {
  const GroupName = 'readers-of-something-else';
  const { UserPoolId } = inPool('');
  await cognito.send(new CreateGroupCommand({ UserPoolId, GroupName }));
  await cognito.send(new AdminAddUserToGroupCommand({ ...inPool('fay@example.com'), GroupName }));
  await mirror(fay('paperlift-admins', 'paperlift-auditors'));
  assert.deepEqual(await groupsInPool('fay@example.com'), [
    'paperlift-admins',
    'paperlift-auditors',
    GroupName,
  ]);
  await mirror(fay());
  assert.deepEqual(await groupsInPool('fay@example.com'), [GroupName]);
  calls.length = 0;
  await mirror(fay());
  assert.deepEqual(calls, ['AdminGetUser', 'AdminListGroupsForUser'], 'and what is right is left as it is');
});

test('a group that the pool lacks is made', async () => {
  const { UserPoolId } = inPool('');
  await mirror(fay());
  await cognito.send(new DeleteGroupCommand({ UserPoolId, GroupName: 'paperlift-auditors' }));
  await mirror(fay('paperlift-auditors'));
  assert.deepEqual(await groupsInPool('fay@example.com'), [
    'paperlift-auditors',
    'readers-of-something-else',
  ]);
});

test('a user of the pool who has not verified the address is nobody’s mirror', async () => {
  const { UserPoolId } = inPool('');
  await cognito.send(
    new AdminCreateUserCommand({
      UserPoolId,
      Username: 'gil@example.com',
      MessageAction: 'SUPPRESS',
      UserAttributes: [{ Name: 'email', Value: 'gil@example.com' }],
    }),
  );
  const gil = {
    id: 'p-gil',
    name: 'Gil',
    email: 'gil@example.com',
    groups: ['paperlift-users'],
    ...inDefault,
  };
  await assert.rejects(mirror(gil), /verified/);
  assert.deepEqual(await groupsInPool('gil@example.com'), []);
});

test('a sign-in goes on within seconds while the pool answers nothing, and the sweeper mirrors it later', async () => {
  isOpen = false;
  await cognito.send(
    new AdminAddUserToGroupCommand({ ...inPool('bob@example.com'), GroupName: 'paperlift-admins' }),
  );
  const started = performance.now();
  const { answer } = await paperlift.signIn('bob@example.com');
  assert.ok(performance.now() - started < 60_000);
  assert.equal(await isOpenedBy(paperlift, sessionCookieOf(answer)), true);
  const bobId = localPersonId(paperlift, 'bob@example.com');
  assert.match(String((await itemOf(bobId))?.dueKey), /^MIRROR/);
  assert.deepEqual(await groupsInPool('bob@example.com'), ['paperlift-admins', 'paperlift-users']);

  isOpen = true;
  aheadMs += 2 * 60_000;
  const worker = composeWorker(paperlift.services);
  try {
    await worker.sweeper.sweep();
  } finally {
    await worker.stop(0);
  }
  assert.deepEqual(await groupsInPool('bob@example.com'), ['paperlift-users']);
  assert.equal((await itemOf(bobId))?.dueKey, undefined);
});

test('… and so does the next sign-in', async () => {
  isOpen = false;
  await paperlift.signIn('bob@example.com');
  const bobId = localPersonId(paperlift, 'bob@example.com');
  assert.match(String((await itemOf(bobId))?.dueKey), /^MIRROR/);
  isOpen = true;
  await paperlift.signIn('bob@example.com');
  assert.equal((await itemOf(bobId))?.dueKey, undefined);
});

test('V7.4.5 signing out everywhere signs out of the pool too, and a pool that cannot does no harm', async () => {
  const { agent, csrfToken, answer } = await paperlift.signIn('erin@example.com');
  calls.length = 0;
  const signedOut = await agent.post('/auth/logout-everywhere').type('form').send({ _csrf: csrfToken });
  assert.equal(signedOut.status, 303);
  assert.deepEqual([...new Set(calls)], ['AdminUserGlobalSignOut']);
  const said = paperlift.logs.entries().filter(({ msg }) => /global sign-out/.test(String(msg)));
  assert.equal(said.length, 1, 'the stand-in lacks it, and the log says so');

  isOpen = false;
  const again = await paperlift.signIn('erin@example.com');
  const whileShut = await again.agent
    .post('/auth/logout-everywhere')
    .type('form')
    .send({ _csrf: again.csrfToken });
  assert.equal(whileShut.status, 303);
  assert.equal(await isOpenedBy(paperlift, sessionCookieOf(again.answer)), false);
  assert.equal(await isOpenedBy(paperlift, sessionCookieOf(answer)), false);
});
