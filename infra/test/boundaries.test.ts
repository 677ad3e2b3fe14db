import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { everyOption } from '../permissions/optional-steps.ts';
import { listGranted } from '../permissions/table.ts';
import { type Json, resourceOf, resourcesOf, synthesize } from '../synthesize.ts';

const { templates } = synthesize(everyOption);
const account = '111122223333';
/** The stacks that the boundary of deployments bounds. */
const { Guards: guards, ...deployed } = templates;
const policyOf = (id: string): Json =>
  resourceOf(guards, 'AWS::IAM::ManagedPolicy', id).Properties.PolicyDocument;
const listOf = (value: Json): string[] => [value].flat();

/** Whether a policy of these statements lets the action pass, as IAM evaluates names, resources and equality. */
function passes(statements: Json[], action: string, resource: string, context: Record<string, string> = {}) {
  const matches = (pattern: string, value: string) =>
    new RegExp(`^${pattern.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&').replaceAll('\\*', '.*')}$`).test(value);
  const applies = ({ Action, Resource, Condition = {} }: Json) =>
    listOf(Action).some((pattern) => matches(pattern, action)) &&
    listOf(Resource).some((pattern) => matches(pattern, resource)) &&
    Object.entries(Condition as Json).every(([operator, keys]) =>
      Object.entries(keys as Json).every(([key, wanted]) =>
        context[key] === undefined ? operator.endsWith('IfExists') : listOf(wanted).includes(context[key]),
      ),
    );
  const effects = statements.filter(applies).map(({ Effect }) => Effect);
  return effects.includes('Allow') && !effects.includes('Deny');
}

describe('the boundary of roles', () => {
  const [statement, ...more] = policyOf('RoleBoundary').Statement;

  test('is on every role of every stack', () => {
    const roles = Object.values(deployed).flatMap((template) => resourcesOf(template, 'AWS::IAM::Role'));
    assert.ok(roles.length >= 10);
    for (const { id, Properties } of roles)
      assert.equal(Properties.PermissionsBoundary, `arn:aws:iam::${account}:policy/paperlift-boundary`, id);
  });

  test('lets pass what the roles are granted, and nothing else', () => {
    assert.deepEqual(more, []);
    const granted = listGranted(deployed).filter(({ to }) => /Role$/.test(to));
    const actions = new Set(granted.flatMap((one) => one.actions));
    assert.deepEqual(listOf(statement.Action).toSorted(), [...actions].sort());
  });

  test('lets no role reach another account, or change permissions', () => {
    const statements = policyOf('RoleBoundary').Statement;
    const bucket = 'arn:aws:s3:::elsewhere/copy';
    assert.ok(passes(statements, 's3:PutObject', bucket, { 'aws:ResourceAccount': account }));
    assert.ok(!passes(statements, 's3:PutObject', bucket, { 'aws:ResourceAccount': '999999999999' }));
    for (const action of [
      'iam:CreateUser',
      'iam:PutRolePolicy',
      'sts:AssumeRole',
      'organizations:LeaveOrganization',
    ])
      assert.ok(!passes(statements, action, '*'), action);
  });
});

describe('the boundary of deployments', () => {
  const { Statement } = policyOf('DeployBoundary');
  const own = `arn:aws:iam::${account}:role/paperlift-web-task`;
  const bounded = { 'iam:PermissionsBoundary': `arn:aws:iam::${account}:policy/paperlift-boundary` };

  test('covers every kind of resource in the stacks', () => {
    const prefixes: Record<string, string> = {
      ApiGatewayV2: 'apigateway',
      ApplicationAutoScaling: 'application-autoscaling',
      Cognito: 'cognito-idp',
      ElasticLoadBalancingV2: 'elasticloadbalancing',
    };
    const types = Object.entries(deployed).flatMap(([, template]) =>
      Object.values(template.Resources as Record<string, Json>).map(({ Type }) => Type),
    );
    for (const type of new Set<string>(types)) {
      const [, service = ''] = type.split('::');
      if (service === 'IAM') continue;
      const action = `${prefixes[service] ?? service.toLowerCase()}:Create`;
      assert.ok(passes(Statement, action, '*'), type);
    }
  });

  test('makes roles of this deployment with the boundary only, and cannot take it away', () => {
    assert.ok(passes(Statement, 'iam:CreateRole', own, bounded));
    assert.ok(!passes(Statement, 'iam:CreateRole', own));
    for (const action of ['PutRolePolicy', 'DeleteRolePolicy', 'AttachRolePolicy', 'DetachRolePolicy']) {
      assert.ok(passes(Statement, `iam:${action}`, own, bounded), action);
      assert.ok(!passes(Statement, `iam:${action}`, own), action);
    }
    assert.ok(
      !passes(Statement, 'iam:PutRolePolicy', own, {
        'iam:PermissionsBoundary': 'arn:aws:iam::aws:policy/AdministratorAccess',
      }),
    );
    assert.ok(!passes(Statement, 'iam:CreateRole', `arn:aws:iam::${account}:role/Administrator`, bounded));
    assert.ok(!passes(Statement, 'iam:DeleteRolePermissionsBoundary', own, bounded));
    for (const action of [
      'CreatePolicyVersion',
      'SetDefaultPolicyVersion',
      'DeletePolicy',
      'CreateUser',
      'CreateAccessKey',
    ])
      assert.ok(
        !passes(Statement, `iam:${action}`, `arn:aws:iam::${account}:policy/paperlift-boundary`),
        action,
      );
  });

  test('lets only services of the stacks make roles of their own', () => {
    const passesFor = (service: string) =>
      passes(Statement, 'iam:CreateServiceLinkedRole', '*', { 'iam:AWSServiceName': service });
    assert.ok(passesFor('ecs.amazonaws.com'));
    assert.ok(!passesFor('organizations.amazonaws.com'));
  });

  test('passes roles to the services that run Paperlift only', () => {
    assert.ok(passes(Statement, 'iam:PassRole', own, { 'iam:PassedToService': 'lambda.amazonaws.com' }));
    assert.ok(!passes(Statement, 'iam:PassRole', own, { 'iam:PassedToService': 'ec2.amazonaws.com' }));
    const principals = Object.values(deployed)
      .flatMap((template) => resourcesOf(template, 'AWS::IAM::Role'))
      .flatMap(({ Properties }) => Properties.AssumeRolePolicyDocument.Statement[0].Principal.Service ?? []);
    for (const service of principals)
      assert.ok(passes(Statement, 'iam:PassRole', own, { 'iam:PassedToService': service }), service);
  });

  test('reads no records, documents, secrets or jobs, and takes no role', () => {
    const table = `arn:aws:dynamodb:us-east-1:${account}:table/paperlift-data-Table`;
    assert.ok(passes(Statement, 'dynamodb:UpdateTable', table));
    for (const action of [
      'dynamodb:Query',
      'dynamodb:ExportTableToPointInTime',
      'secretsmanager:GetSecretValue',
      'sqs:ReceiveMessage',
      'ecs:ExecuteCommand',
      'ecs:RunTask',
      'ecs:StartTask',
      'lambda:InvokeFunction',
      'sts:AssumeRole',
    ])
      assert.ok(!passes(Statement, action, table), action);
    for (const document of ['projects/1/original', 'projects/1/pages/2/text.json', 'uploads/3']) {
      const arn = `arn:aws:s3:::paperlift-data-bucket83908e77-1x2y3z/${document}`;
      assert.ok(!passes(Statement, 's3:GetObject', arn), arn);
    }
    assert.ok(
      passes(Statement, 's3:GetObject', `arn:aws:s3:::cdk-hnb659fds-assets-${account}-us-east-1/template`),
    );
  });

  test('fits into a policy', () => {
    for (const id of ['RoleBoundary', 'DeployBoundary'])
      assert.ok(JSON.stringify(policyOf(id)).length <= 6144, id);
  });
});

test('deployments without boundaries have neither the stack nor boundaries', () => {
  const { templates: without } = synthesize({ boundary: false, pipeline: undefined, breakGlass: undefined });
  assert.equal(without.Guards, undefined);
  const roles = Object.values(without).flatMap((template) => resourcesOf(template, 'AWS::IAM::Role'));
  for (const { id, Properties } of roles) assert.equal(Properties.PermissionsBoundary, undefined, id);
});

describe('the pipeline’s role', () => {
  const role = resourceOf(guards, 'AWS::IAM::Role', 'PipelineRole').Properties;
  const statements = resourceOf(guards, 'AWS::IAM::Policy', 'PipelineRole').Properties.PolicyDocument
    .Statement;

  test('is taken by jobs of one repository’s environment, and by no key', () => {
    const [trust, ...more] = role.AssumeRolePolicyDocument.Statement;
    assert.deepEqual(more, []);
    assert.equal(trust.Action, 'sts:AssumeRoleWithWebIdentity');
    assert.deepEqual(trust.Condition.StringEquals, {
      'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
      'token.actions.githubusercontent.com:sub': 'repo:example/paperlift:environment:test',
    });
    assert.deepEqual(resourcesOf(guards, 'AWS::IAM::AccessKey'), []);
  });

  test('pushes to Paperlift’s repository, deploys by CDK’s roles, and can do nothing else', () => {
    const cdk = (name: string) => `arn:aws:iam::${account}:role/cdk-paperlift-${name}-${account}-us-east-1`;
    assert.ok(passes(statements, 'sts:AssumeRole', cdk('deploy-role')));
    assert.ok(!passes(statements, 'sts:AssumeRole', cdk('cfn-exec-role')));
    assert.ok(!passes(statements, 'sts:AssumeRole', `arn:aws:iam::${account}:role/paperlift-break-glass`));
    const repository = (name: string) => `arn:aws:ecr:us-east-1:${account}:repository/${name}`;
    assert.ok(passes(statements, 'ecr:PutImage', repository('paperlift')));
    assert.ok(!passes(statements, 'ecr:PutImage', repository('other')));
    for (const action of ['ecr:BatchDeleteImage', 'iam:CreateRole', 's3:GetObject', 'dynamodb:Query'])
      assert.ok(!passes(statements, action, '*'), action);
  });

  test('is there only where a pipeline is named, and uses GitHub’s provider where the account has it', () => {
    const pipeline = { repository: 'example/paperlift', environment: 'test', providerExists: true };
    const { templates: changed } = synthesize({ pipeline });
    assert.deepEqual(resourcesOf(changed.Guards, 'AWS::IAM::OIDCProvider'), []);
    assert.equal(resourcesOf(guards, 'AWS::IAM::OIDCProvider').length, 1);
  });
});
