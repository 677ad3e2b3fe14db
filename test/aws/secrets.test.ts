// Variables out of Secrets Manager, which a small server stands in for.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, test } from 'node:test';
import { withSecrets } from '../../src/aws/secrets.ts';
import { ConfigError } from '../../src/errors.ts';

const arn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:paperlift-a1b2c3';
let answer: { status: number; body: object };
let asked: { target: string; region: string; body: { SecretId: string } }[] = [];

async function note(request: IncomingMessage) {
  const region = /Credential=[^/]+\/\d+\/([^/]+)\/secretsmanager/.exec(
    request.headers.authorization ?? '',
  )?.[1];
  const target = String(request.headers['x-amz-target']);
  asked.push({ target, region: region ?? '', body: JSON.parse(await text(request)) });
}

const server = createServer((request, response) => {
  note(request).then(() => {
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(answer.body));
  });
});

before(async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
beforeEach(() => {
  asked = [];
});
after(() => server.close());

const environment = (more: Record<string, string> = {}) => ({
  SECRETS_ARN: arn,
  SECRETS_MANAGER_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  AWS_REGION: 'us-east-1',
  ...more,
});

const hold = (SecretString: string | undefined) => {
  answer = { status: 200, body: { ARN: arn, Name: 'paperlift', SecretString } };
};

test('the secret’s variables are there, and those that are set win', async () => {
  hold('{"SESSION_SECRET":"from the secret","SAML_SP_PRIVATE_KEY":"key","LOG_LEVEL":"debug"}');
  const env = await withSecrets(environment({ LOG_LEVEL: 'warn', SAML_SP_PRIVATE_KEY: '' }));
  assert.equal(env.SESSION_SECRET, 'from the secret');
  assert.equal(env.LOG_LEVEL, 'warn');
  assert.equal(env.SAML_SP_PRIVATE_KEY, 'key', 'an empty variable is none');
  assert.deepEqual(asked, [
    { target: 'secretsmanager.GetSecretValue', region: 'eu-central-1', body: { SecretId: arn } },
  ]);
});

test('a secret may be named without its region, which is then Paperlift’s own', async () => {
  hold('{}');
  await withSecrets(environment({ SECRETS_ARN: 'paperlift' }));
  assert.equal(asked[0]?.region, 'us-east-1');
});

test('without a secret nothing is asked', async () => {
  const env = { SESSION_SECRET: 'x' };
  assert.equal(await withSecrets(env), env);
  assert.deepEqual(asked, []);
});

test('what is wrong with the secret is said, and nothing of what is in it', async () => {
  const wrongs: [string | undefined, RegExp][] = [
    ['hunter2', /is not JSON/],
    [undefined, /is not JSON/],
    ['["hunter2"]', /is not a JSON object/],
    ['null', /is not a JSON object/],
    ['{"PORT":{"hunter2":1}}', /variable that is not a string: PORT/],
  ];
  for (const [secret, said] of wrongs) {
    hold(secret);
    await assert.rejects(withSecrets(environment()), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, said);
      assert.ok(error.message.includes(arn));
      assert.ok(!error.message.includes('hunter2'));
      return true;
    });
  }
});

test('a secret that cannot be read keeps Paperlift from starting, with the reason', async () => {
  answer = {
    status: 400,
    body: {
      __type: 'ResourceNotFoundException',
      Message: 'Secrets Manager can’t find the specified secret.',
    },
  };
  await assert.rejects(withSecrets(environment()), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /cannot be read: ResourceNotFoundException: .*find the specified secret/);
    return true;
  });
});
