import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { everyOption } from '../permissions/optional-steps.ts';
import { presentPermissions } from '../permissions/page.ts';
import { listAdded, listGranted } from '../permissions/table.ts';
import { synthesize, withOpenSearch } from '../synthesize.ts';

const { templates } = synthesize(everyOption);
const granted = listGranted(templates);
const withSearch = listAdded(templates, synthesize({ ...everyOption, ...withOpenSearch }).templates);
const root = path.join(import.meta.dirname, '../..');

/** Paperlift's own roles, each in both ways of running. */
const roles = { web: ['WebTaskRole', 'WebRole'], worker: ['WorkerTaskRole', 'WorkerRole'] };
const actionsOf = (who: string) => granted.filter(({ to }) => to === who).flatMap(({ actions }) => actions);

/** The IAM actions behind the SDK's commands and DynamoDBDocument's methods. */
const actionsOfCommands: Record<string, string[]> = {
  AbortMultipartUpload: ['s3:AbortMultipartUpload'],
  AdminAddUserToGroup: ['cognito-idp:AdminAddUserToGroup'],
  AdminCreateUser: ['cognito-idp:AdminCreateUser'],
  AdminGetUser: ['cognito-idp:AdminGetUser'],
  AdminListGroupsForUser: ['cognito-idp:AdminListGroupsForUser'],
  AdminRemoveUserFromGroup: ['cognito-idp:AdminRemoveUserFromGroup'],
  AdminUserGlobalSignOut: ['cognito-idp:AdminUserGlobalSignOut'],
  ChangeMessageVisibility: ['sqs:ChangeMessageVisibility'],
  CompleteMultipartUpload: ['s3:PutObject'],
  CreateGroup: [], // the stack makes the groups
  CreateResourceServer: [], // and the resource server
  CreateMultipartUpload: ['s3:PutObject'],
  DeleteMessage: ['sqs:DeleteMessage'],
  CreateUserPoolClient: ['cognito-idp:CreateUserPoolClient'],
  DeleteObjects: ['s3:DeleteObject'],
  DeleteUserPoolClient: ['cognito-idp:DeleteUserPoolClient'],
  DescribeTable: ['dynamodb:DescribeTable'],
  DetectDocumentText: ['textract:DetectDocumentText'],
  DetectModerationLabels: ['rekognition:DetectModerationLabels'],
  GetObject: ['s3:GetObject'],
  GetQueueAttributes: ['sqs:GetQueueAttributes'],
  GetSecretValue: ['secretsmanager:GetSecretValue'],
  HeadBucket: ['s3:ListBucket'],
  HeadObject: ['s3:GetObject'],
  ListObjectsV2: ['s3:ListBucket'],
  PutEvents: ['events:PutEvents'],
  PutObject: ['s3:PutObject'],
  ReceiveMessage: ['sqs:ReceiveMessage'],
  SendMessage: ['sqs:SendMessage'],
  TranslateText: ['translate:TranslateText', 'comprehend:DetectDominantLanguage'],
  UploadPart: ['s3:PutObject'],
  get: ['dynamodb:GetItem'],
  batchGet: ['dynamodb:BatchGetItem'],
  query: ['dynamodb:Query'],
  put: ['dynamodb:PutItem'],
  update: ['dynamodb:UpdateItem'],
  delete: ['dynamodb:DeleteItem'],
  batchWrite: ['dynamodb:BatchWriteItem'],
  send: [], // a command, which is counted by its own name
};

/** Commands in the product's source; the stand-ins and the set-up of places without CloudFormation are not run here. */
function commandsOfSource(): Set<string> {
  const files = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !/^(local|setup)\//.test(file),
  );
  const commands = new Set<string>();
  for (const file of files) {
    const source = readFileSync(path.join(root, 'src', file), 'utf8');
    for (const [, name] of source.matchAll(/new ([A-Z]\w+)Command\(/g)) commands.add(name ?? '');
    for (const [, name] of source.matchAll(/documents\s*\.(\w+)\(/g)) commands.add(name ?? '');
  }
  return commands;
}

/** What Lambda itself and X-Ray need of a function's role. */
const forThePlatform = [
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
  'kms:Decrypt',
  'kms:GenerateDataKey',
];

describe('permissions', () => {
  test('cover every call that the program makes, and no other', () => {
    const called = [...commandsOfSource()];
    assert.ok(called.includes('DetectDocumentText') && called.includes('query'), 'the source was read');
    const unknown = called.filter((command) => !actionsOfCommands[command]);
    assert.deepEqual(unknown, [], 'say which actions these commands take');
    const needed = new Set(called.flatMap((command) => actionsOfCommands[command] ?? []));
    const secret = 'secretsmanager:GetSecretValue'; // ECS reads it for its tasks
    for (const [web, worker] of [
      ['WebTaskRole', 'WorkerTaskRole'],
      ['WebRole', 'WorkerRole'],
    ] as const) {
      const given = new Set([...actionsOf(web), ...actionsOf(worker)]);
      for (const action of forThePlatform) given.delete(action);
      if (web === 'WebTaskRole') given.add(secret);
      assert.deepEqual([...given].sort(), [...needed].sort());
    }
  });

  test('for optional steps are granted only where those are on', () => {
    const actions = (changes: Record<string, unknown>) =>
      listGranted(synthesize(changes).templates).flatMap((one) => one.actions);
    const optional = /^(rekognition|translate|comprehend|events):/;
    assert.deepEqual(
      actions({}).filter((action) => optional.test(action)),
      [],
    );
    for (const changes of [everyOption, { secretVariables: ['PIPELINE_STEPS'] }])
      assert.ok(actions(changes).some((action) => optional.test(action)));
    assert.deepEqual(synthesize(everyOption).findings, []);
  });

  test('name each action: none has a wildcard but the account’s hold on its key', () => {
    const wild = granted.filter(({ actions }) => actions.some((action) => action.includes('*')));
    assert.deepEqual(
      wild.map(({ to, actions, on }) => [to, actions, on]),
      [['the deployment’s account', ['kms:*'], ['Key']]],
    );
    assert.deepEqual(
      granted.filter(({ actions }) => actions.some((action) => action.startsWith('the managed policy'))),
      [],
    );
  });

  test('take everything as a resource only where IAM knows no other', () => {
    const everywhere = granted
      .filter(({ on, to }) => on.includes('*') && to !== 'ApiLogRole') // the account's, for all of its APIs
      .flatMap(({ actions }) => actions);
    assert.deepEqual([...new Set(everywhere)].sort(), [
      'comprehend:DetectDominantLanguage',
      'ecr:GetAuthorizationToken',
      'rekognition:DetectModerationLabels',
      'textract:DetectDocumentText',
      'translate:TranslateText',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
  });

  test('reach objects below projects/ and uploads/ only', () => {
    for (const who of [...roles.web, ...roles.worker]) {
      const places = granted
        .filter(
          ({ to, actions }) => to === who && actions.some((action) => /^s3:.*Object|Upload$/.test(action)),
        )
        .flatMap(({ on }) => on);
      assert.deepEqual(
        places.sort(),
        ['Bucket/projects/*', 'Bucket/uploads/*', 'arn:aws:s3:::acme-archive/*'],
        who,
      );
    }
  });

  test('give text detection and the taking of jobs to the worker alone, the ending of sessions and new clients to the web alone', () => {
    for (const who of roles.web) {
      const actions = actionsOf(who);
      for (const action of [
        'textract:DetectDocumentText',
        'rekognition:DetectModerationLabels',
        'sqs:ReceiveMessage',
        'sqs:DeleteMessage',
      ])
        assert.ok(!actions.includes(action), `${who} ${action}`);
    }
    for (const who of roles.worker)
      for (const action of ['cognito-idp:AdminUserGlobalSignOut', 'cognito-idp:CreateUserPoolClient'])
        assert.ok(!actionsOf(who).includes(action), `${who} ${action}`);
  });

  test('give the same to a task and to a function', () => {
    const own = (who: string) =>
      [...new Set(actionsOf(who))].filter((action) => !forThePlatform.includes(action)).sort();
    for (const [task, made] of Object.values(roles) as [string, string][]) {
      const more = ['secretsmanager:GetSecretValue', 'sqs:GetQueueAttributes'];
      const [onFargate, onLambda] = [own(task), own(made)].map((actions) =>
        actions.filter((action) => !more.includes(action)),
      );
      assert.deepEqual(onFargate, onLambda);
    }
  });

  test('use the key only through the services that hold documents, jobs, records and secrets', () => {
    const uses = granted.filter(({ to, actions }) => /Role$/.test(to) && actions.includes('kms:Decrypt'));
    assert.equal(uses.length, 7);
    for (const { to, condition } of uses) assert.match(condition ?? '', /kms:ViaService/, to);
  });

  test('stand in docs/permissions.md as they are', () => {
    const page = readFileSync(path.join(root, 'docs/permissions.md'), 'utf8');
    assert.ok(page === presentPermissions(granted, withSearch), 'run: npm --prefix infra run permissions');
  });
});
