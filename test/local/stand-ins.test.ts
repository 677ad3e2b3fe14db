import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, test } from 'node:test';
import {
  AdminAddUserToGroupCommand,
  AdminInitiateAuthCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { loadConfig } from '../../src/config/config.ts';
import type { StandInOptions } from '../../src/local/stand-ins.options.ts';
import { startStandIns } from '../../src/local/stand-ins.ts';
import { createPersonStore } from '../../src/people/person.store.ts';
import { personIdOf } from '../../src/people/person.ts';
import { waitFor } from '../support/wait.ts';

type StandIns = Awaited<ReturnType<typeof startStandIns>>;

const publicUrl = 'http://localhost:3000';
let dataDirectory: string;
let running: StandIns[] = [];
const clients: { destroy(): void }[] = [];

beforeEach(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'paperlift-stand-ins-'));
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await stopAll();
  await rm(dataDirectory, { recursive: true });
});

after(() => assert.equal(running.length, 0));

async function start(options: Partial<StandInOptions> = {}): Promise<StandIns> {
  const standIns = await startStandIns({
    dataDirectory,
    ports: 'any',
    publicUrl,
    textract: false,
    ...options,
  });
  running.push(standIns);
  return standIns;
}

async function stopAll() {
  await Promise.all(running.map((standIns) => standIns.stop()));
  running = [];
}

function connectTo({ env }: StandIns) {
  const { aws } = loadConfig(env);
  const common = { region: aws.region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  const made = {
    s3: new S3Client({ ...common, endpoint: aws.s3.endpoint, forcePathStyle: true }),
    sqs: new SQSClient({ ...common, endpoint: aws.sqs.endpoint }),
    dynamodb: new DynamoDBClient({ ...common, endpoint: aws.dynamodb.endpoint }),
    cognito: new CognitoIdentityProviderClient({ ...common, endpoint: aws.cognito?.endpoint }),
  };
  clients.push(...Object.values(made));
  return { ...made, documents: DynamoDBDocument.from(made.dynamodb), aws };
}

function portsOf({ endpoints }: StandIns): number[] {
  return Object.values(endpoints).map((endpoint) => Number(new URL(endpoint).port));
}

function isReachable(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const end = (reachable: boolean) => {
      socket.destroy();
      resolve(reachable);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}

async function requestToken(standIns: StandIns, email: string) {
  const { cognito, aws } = connectTo(standIns);
  const answer = await cognito.send(
    new AdminInitiateAuthCommand({
      UserPoolId: aws.cognito?.userPoolId,
      ClientId: aws.cognito?.clientId,
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: email, PASSWORD: standIns.userPool.password },
    }),
  );
  const payload = answer.AuthenticationResult?.AccessToken?.split('.')[1] ?? '';
  return JSON.parse(Buffer.from(payload, 'base64url').toString());
}

describe('the stand-ins', () => {
  test('give an environment that the configuration accepts as it is', async () => {
    const config = loadConfig((await start()).env);
    assert.equal(config.publicUrl, publicUrl);
    assert.equal(config.host, '127.0.0.1');
    assert.match(config.saml.providers[0]?.certificates[0] ?? '', /BEGIN CERTIFICATE/);
    const table = config.saml.providers[0]?.groupTable ?? [];
    assert.equal(table.find(({ from }) => from === 'Paperlift Admins')?.to, config.groups.admins);
  });

  test('are reached from this machine only', async () => {
    for (const port of portsOf(await start({ textract: true }))) {
      assert.equal(await isReachable('127.0.0.1', port), true);
      // Another address of the machine, which a server that listens on all of them answers on too.
      assert.equal(await isReachable('127.0.0.2', port), false, `port ${port} is open on other addresses`);
      assert.equal(await isReachable('::1', port), false);
    }
  });

  test('take other ports when theirs are taken', async () => {
    const other = await mkdtemp(join(tmpdir(), 'paperlift-stand-ins-'));
    const [first, second] = await Promise.all([
      start({ ports: 'fixed-if-free', textract: true }),
      start({ ports: 'fixed-if-free', textract: true, dataDirectory: other }),
    ]);
    const ports = [...portsOf(first), ...portsOf(second)];
    assert.equal(ports.length, 12);
    assert.equal(new Set(ports).size, ports.length);
    const { documents, aws } = connectTo(second);
    await documents.put({ TableName: aws.dynamodb.table, Item: { pk: 'a', sk: 'b' } });
    await stopAll();
    await rm(other, { recursive: true });
  });

  test('keep objects, messages, items, people and keys over a restart', async () => {
    const first = await start();
    const { s3, sqs, documents, aws } = connectTo(first);
    await s3.send(new PutObjectCommand({ Bucket: aws.s3.bucket, Key: 'projects/a/b.jpg', Body: 'scan' }));
    await sqs.send(new SendMessageCommand({ QueueUrl: aws.sqs.pagesQueueUrl, MessageBody: 'page' }));
    await documents.put({ TableName: aws.dynamodb.table, Item: { pk: 'a', sk: 'b' } });
    const certificate = loadConfig(first.env).saml.providers[0]?.certificates[0];
    await stopAll();

    const second = await start();
    const again = connectTo(second);
    const object = await again.s3.send(
      new GetObjectCommand({ Bucket: aws.s3.bucket, Key: 'projects/a/b.jpg' }),
    );
    assert.equal(await object.Body?.transformToString(), 'scan');
    const queue = { QueueUrl: again.aws.sqs.pagesQueueUrl };
    assert.equal((await again.sqs.send(new ReceiveMessageCommand(queue))).Messages?.[0]?.Body, 'page');
    const read = await again.documents.get({ TableName: aws.dynamodb.table, Key: { pk: 'a', sk: 'b' } });
    assert.ok(read.Item);
    assert.deepEqual(second.people, first.people);
    assert.equal(second.env.SESSION_SECRET, first.env.SESSION_SECRET);
    assert.equal(loadConfig(second.env).saml.providers[0]?.certificates[0], certificate);
  });

  test('move a message to the dead-letter queue after twenty receives', async () => {
    const { sqs, aws } = connectTo(await start());
    for (const QueueUrl of [aws.sqs.pagesQueueUrl, aws.sqs.exportsQueueUrl]) {
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy'] }),
      );
      const policy = JSON.parse(Attributes?.RedrivePolicy ?? '{}');
      assert.equal(Number(policy.maxReceiveCount), 20);
      assert.ok(policy.deadLetterTargetArn.endsWith(`${QueueUrl.split('/').at(-1)}-dead`));
      await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: `${QueueUrl}-dead`, AttributeNames: ['All'] }),
      );
    }
  });

  test('keep messages that could not be sent because the caller left', async () => {
    const { sqs, aws } = connectTo(await start());
    const { pagesQueueUrl: QueueUrl } = aws.sqs;
    const MessageBody = 'x'.repeat(1_000_000); // ten exceed what the system buffers for a caller that reads nothing
    for (let sent = 0; sent < 10; sent += 1)
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    const { port } = new URL(QueueUrl);
    const body = JSON.stringify({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 300 });
    const caller = connect(Number(port), '127.0.0.1').pause();
    caller.write(
      `POST / HTTP/1.1\r\nHost: sqs\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    const counted = async (name: 'ApproximateNumberOfMessages' | 'ApproximateNumberOfMessagesNotVisible') => {
      const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [name] });
      return Number((await sqs.send(asked)).Attributes?.[name]);
    };
    await waitFor('the receive', async () =>
      (await counted('ApproximateNumberOfMessagesNotVisible')) === 10 ? true : undefined,
    );
    caller.destroy();
    await waitFor(
      'the messages',
      async () => ((await counted('ApproximateNumberOfMessages')) === 10 ? true : undefined),
      20_000,
    );
  });

  test('give a message to who is there, not to a poll whose caller is gone', async () => {
    const { sqs, aws } = connectTo(await start());
    const { pagesQueueUrl: QueueUrl } = aws.sqs;
    const leaving = new AbortController();
    const receive = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 });
    const polls = [1, 2].map(() => sqs.send(receive, { abortSignal: leaving.signal }));
    await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] })); // they wait by now
    leaving.abort();
    for (const poll of polls) await assert.rejects(poll, { name: 'AbortError' });
    const waiting = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
    assert.equal((await waiting).Messages?.[0]?.Body, 'hello');
  });

  test('show a message again at once that is given back, and keep it over a restart', async () => {
    const { sqs, aws } = connectTo(await start());
    const { pagesQueueUrl: QueueUrl } = aws.sqs;
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
    const [first] = (await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages ?? [];
    const back = { QueueUrl, ReceiptHandle: first?.ReceiptHandle, VisibilityTimeout: 0 };
    const waiting = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    await sqs.send(new ChangeMessageVisibilityCommand(back));
    const [again] = (await waiting).Messages ?? [];
    assert.equal(again?.Body, 'hello');
    await assert.rejects(sqs.send(new ChangeMessageVisibilityCommand(back)), { name: 'MessageNotInflight' });
    await sqs.send(new ChangeMessageVisibilityCommand({ ...back, ReceiptHandle: again?.ReceiptHandle }));
    await stopAll();

    const { sqs: later, aws: now } = connectTo(await start());
    const { Messages } = await later.send(new ReceiveMessageCommand({ QueueUrl: now.sqs.pagesQueueUrl }));
    assert.equal(Messages?.[0]?.Body, 'hello');
  });

  test('take a large object in one request', async () => {
    const { s3, aws } = connectTo(await start());
    const Body = Buffer.alloc(20 * 1024 * 1024, 1);
    await s3.send(new PutObjectCommand({ Bucket: aws.s3.bucket, Key: 'large', Body }));
    const read = await s3.send(new GetObjectCommand({ Bucket: aws.s3.bucket, Key: 'large' }));
    assert.equal((await read.Body?.transformToByteArray())?.length, Body.length);
  });

  test('outlive a client that goes away in the middle of a request', async () => {
    const standIns = await start();
    const { documents, aws } = connectTo(standIns);
    const { hostname, port } = new URL(aws.dynamodb.endpoint as string);
    await new Promise<void>((resolve) => {
      const socket = connect({ host: hostname, port: Number(port) }, () => {
        socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf', () => {
          socket.resetAndDestroy();
          resolve();
        });
      });
    });
    for (let i = 0; i < 3; i++) {
      await documents.get({ TableName: aws.dynamodb.table, Key: { pk: 'a', sk: 'b' } });
    }
  });
});

describe('the people of the local user pool', () => {
  test('have tokens with the groups that their sign-in gives them', async () => {
    const standIns = await start();
    const groups = await Promise.all(
      standIns.people.map(async ({ email }) => (await requestToken(standIns, email))['cognito:groups']),
    );
    assert.deepEqual(groups, [
      ['paperlift-users'],
      ['paperlift-users'],
      ['paperlift-admins'],
      ['paperlift-auditors'],
      ['paperlift-records'],
      undefined,
    ]);
    const carol = await requestToken(standIns, 'carol@example.com');
    const { aws } = loadConfig(standIns.env);
    assert.equal(carol.token_use, 'access');
    assert.equal(carol.client_id, aws.cognito?.clientId);
    assert.equal(carol.iss, `${aws.cognito?.endpoint}/${aws.cognito?.userPoolId}`);
  });

  test('are linked to the people that the identity provider signs in', async () => {
    const standIns = await start();
    const { documents, aws } = connectTo(standIns);
    const store = createPersonStore({ documents, table: aws.dynamodb.table });
    for (const person of standIns.people) {
      const { username } = await requestToken(standIns, person.email);
      const linked = await store.findByPoolUser(username);
      assert.equal(linked?.id, personIdOf(standIns.env.SAML_IDP_ISSUER as string, person.nameId));
      assert.equal(linked?.email, person.email);
    }
  });

  test('keep the memberships that they were given since', async () => {
    const first = await start();
    const Username = first.people.find(({ email }) => email === 'alice@example.com')?.cognitoUsername;
    const user = { UserPoolId: first.env.COGNITO_USER_POOL_ID, Username };
    await connectTo(first).cognito.send(
      new AdminAddUserToGroupCommand({ ...user, GroupName: 'paperlift-auditors' }),
    );
    await stopAll();
    const token = await requestToken(await start(), 'alice@example.com');
    assert.deepEqual(token['cognito:groups'], ['paperlift-auditors', 'paperlift-users']);
  });

  test('come back when a kill has left half of their file', async () => {
    await start();
    await stopAll();
    const directory = join(dataDirectory, 'user-pool');
    for (const name of await readdir(directory)) {
      await truncate(join(directory, name), Math.floor((await readFile(join(directory, name))).length / 2));
    }
    const token = await requestToken(await start(), 'carol@example.com');
    assert.deepEqual(token['cognito:groups'], ['paperlift-admins']);
  });
});
