import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { loadConfig } from '../../src/config/config.ts';
import { loadPreTokenConfig } from '../../src/config/pre-token.config.ts';
import { type Json, resourceOf, resourcesOf, synthesize } from '../synthesize.ts';

const { templates } = synthesize();

/** The variables of a task or a function, references replaced by what could stand there. */
function environmentOf(variables: Record<string, Json>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => {
      if (typeof value === 'string') return [name, value];
      return [name, name.endsWith('_URL') ? `https://sqs.us-east-1.amazonaws.com/1/${name}` : `made-${name}`];
    }),
  );
}

function containerOf(word: string): Json {
  const task = resourcesOf(templates.Fargate, 'AWS::ECS::TaskDefinition').find(
    ({ Properties }) => Properties.Family === `paperlift-${word}`,
  );
  return task?.Properties.ContainerDefinitions[0];
}

function fargateEnvironment(word: string) {
  const entries: Json[] = containerOf(word).Environment;
  return environmentOf(Object.fromEntries(entries.map(({ Name, Value }) => [Name, Value])));
}

function lambdaEnvironment(id: string, stack: 'Lambda' | 'Identity' = 'Lambda') {
  const { Environment } = resourceOf(templates[stack], 'AWS::Lambda::Function', id).Properties;
  return environmentOf(Environment.Variables);
}

const all = {
  'the web task': fargateEnvironment('web'),
  'the worker task': fargateEnvironment('worker'),
  'the web function': lambdaEnvironment('Web'),
  'the worker function': lambdaEnvironment('Worker'),
};

/** What the secret adds, as ECS and src/aws/secrets.ts read it. */
const secret = { SESSION_SECRET: 'x'.repeat(64) };

describe('the environment', () => {
  for (const [name, environment] of Object.entries(all)) {
    test(`of ${name} is one that Paperlift starts with`, () => {
      const config = loadConfig({ ...environment, ...secret });
      assert.equal(config.publicUrl, 'https://paperlift.example.com');
      assert.equal(config.aws.sqs.exportsQueueUrl, environment.EXPORTS_QUEUE_URL);
      assert.equal(config.languages.callsPerSecond, 25, 'Textract’s quota, which all workers share');
      assert.ok(config.aws.cognito);
      assert.equal(config.saml.providers[0]?.idpIssuer, 'https://idp.example.com/metadata');
      const table = config.saml.providers[0]?.groupTable ?? [];
      assert.equal(table.find(({ from }) => from === 'Paperlift Users')?.to, 'paperlift-users');
    });

    test(`of ${name} holds no secret`, () => {
      assert.throws(() => loadConfig(environment), /SESSION_SECRET: is missing/);
    });
  }

  test('of the pool’s trigger is one that it starts with', () => {
    const config = loadPreTokenConfig(lambdaEnvironment('PreToken', 'Identity'));
    assert.equal(config.rules.length, 3);
  });

  test('holds only variables that Paperlift reads', () => {
    const file = readFileSync(path.join(import.meta.dirname, '../../.env.example'), 'utf8');
    const known = new Set([...file.matchAll(/^(?:# )?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name));
    for (const [name, environment] of Object.entries({
      ...all,
      trigger: lambdaEnvironment('PreToken', 'Identity'),
    })) {
      const unknown = Object.keys(environment).filter((variable) => !known.has(variable));
      assert.deepEqual(unknown, [], name);
    }
  });

  test('says the same on Fargate and on Lambda but for what only one of them needs', () => {
    const { AWS_REGION, PORT, HOST, TRUSTED_PROXIES, WORKER_PAGES_AT_ONCE, ...task } = all['the web task'];
    const { OTEL_EXPORTER_OTLP_ENDPOINT: collector, ...onFargate } = task;
    const { SECRETS_ARN, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: xray, ...onLambda } = all['the web function'];
    assert.ok(collector && xray);
    assert.deepEqual(onFargate, onLambda);
    assert.deepEqual([AWS_REGION, PORT, HOST], ['us-east-1', '3000', '0.0.0.0']);
    assert.ok(TRUSTED_PROXIES && WORKER_PAGES_AT_ONCE && SECRETS_ARN);
    assert.deepEqual(all['the worker task'], all['the web task']);
    assert.deepEqual(all['the worker function'], all['the web function']);
  });

  test('of functions sets nothing that Lambda reserves', () => {
    const reserved =
      /^(AWS_REGION|AWS_DEFAULT_REGION|AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|AWS_LAMBDA_.*|_HANDLER|LAMBDA_.*)$/;
    for (const name of Object.keys(all['the web function'])) assert.doesNotMatch(name, reserved);
  });

  test('of tasks takes each secret variable from the secret', () => {
    const { templates: more } = synthesize({ secretVariables: ['SAML_SP_PRIVATE_KEY'] });
    const [task] = resourcesOf(more.Fargate, 'AWS::ECS::TaskDefinition');
    const secrets: Json[] = task?.Properties.ContainerDefinitions[0].Secrets;
    assert.deepEqual(
      secrets.map(({ Name, ValueFrom }) => [Name, ValueFrom['Fn::Join'][1].at(-1)]),
      [
        ['SESSION_SECRET', ':SESSION_SECRET::'],
        ['SAML_SP_PRIVATE_KEY', ':SAML_SP_PRIVATE_KEY::'],
      ],
    );
  });

  test('that would not fit into a function is refused with what to do', () => {
    const table = Object.fromEntries(
      Array.from({ length: 80 }, (_, index) => [
        `CN=Group ${index},OU=Departments,DC=example,DC=com`,
        'paperlift-users',
      ]),
    );
    assert.throws(() => synthesize({ groups: { table } }), /limit of Lambda is 4096.*groups\.table/);
  });
});
