import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Json, resourceOf, resourcesOf, synthesize } from '../synthesize.ts';

const { templates } = synthesize();
const { Data: data } = templates;
const arn = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const own = ['web-task', 'worker-task', 'web-function', 'worker-function'].map((role) =>
  arn(`paperlift-${role}`),
);
const breakGlass = arn('paperlift-break-glass');

function policiesOf(template: Json) {
  const table = resourceOf(template, 'AWS::DynamoDB::Table').Properties.ResourcePolicy;
  const bucket = resourcesOf(template, 'AWS::S3::BucketPolicy').find(({ id }) =>
    id.startsWith('BucketPolicy'),
  );
  return {
    table: (table?.PolicyDocument.Statement ?? []) as Json[],
    bucket: bucket?.Properties.PolicyDocument.Statement as Json[],
  };
}

/** Whether the policy denies the action to a role, whatever else allows it. */
function denies(statements: Json[], action: string, role: string): boolean {
  return statements.some(({ Effect, Principal, Action, Condition }) => {
    const exempt: string[] | undefined = Condition?.ArnNotEquals?.['aws:PrincipalArn'];
    if (Effect !== 'Deny' || !exempt) return false;
    assert.deepEqual(Principal, { AWS: '*' });
    return [Action].flat().includes(action) && !exempt.includes(role);
  });
}

describe('data on AWS', () => {
  const { table, bucket } = policiesOf(data);

  test('is closed to an administrator of the account', () => {
    const admin = arn('Administrator');
    for (const action of [
      'GetItem',
      'BatchGetItem',
      'Query',
      'Scan',
      'ConditionCheckItem',
      'PutItem',
      'UpdateItem',
      'DeleteItem',
      'BatchWriteItem',
      'PartiQLSelect',
      'PartiQLInsert',
      'PartiQLUpdate',
      'PartiQLDelete',
    ])
      assert.ok(denies(table, `dynamodb:${action}`, admin), action);
    for (const action of [
      'GetObject',
      'GetObjectVersion',
      'PutObject',
      'DeleteObject',
      'DeleteObjectVersion',
      'RestoreObject',
    ])
      assert.ok(denies(bucket, `s3:${action}`, admin), action);
    const { Resource } = bucket.find(({ Sid }) => Sid === 'DenyDocuments');
    assert.deepEqual(
      Resource.map((one: Json) => one['Fn::Join'][1].at(-1)),
      ['/projects/*', '/uploads/*'],
    );
  });

  test('cannot be copied to where it would be open', () => {
    for (const role of [arn('Administrator'), ...own]) {
      for (const action of [
        'ExportTableToPointInTime',
        'RestoreTableToPointInTime',
        'CreateBackup',
        'StartAwsBackupJob',
        'EnableKinesisStreamingDestination',
      ])
        assert.ok(denies(table, `dynamodb:${action}`, role), `${role} ${action}`);
    }
  });

  test('is open to the roles by which Paperlift runs, which bear the names that the policies know', () => {
    for (const role of [...own, breakGlass]) {
      assert.ok(!denies(table, 'dynamodb:Query', role), role);
      assert.ok(!denies(bucket, 's3:GetObject', role), role);
    }
    const names = [
      ...resourcesOf(templates.Fargate, 'AWS::IAM::Role'),
      ...resourcesOf(templates.Lambda, 'AWS::IAM::Role'),
    ].flatMap(({ Properties }) => Properties.RoleName ?? []);
    assert.deepEqual(names.map(arn).sort(), own.toSorted());
  });

  test('does not close the table and the bucket to deployments', () => {
    const deploying = arn('cdk-hnb659fds-cfn-exec-role-111122223333-us-east-1');
    for (const action of [
      'DescribeTable',
      'UpdateTable',
      'UpdateTimeToLive',
      'PutResourcePolicy',
      'DeleteResourcePolicy',
    ])
      assert.ok(!denies(table, `dynamodb:${action}`, deploying), action);
    for (const action of ['PutBucketPolicy', 'PutLifecycleConfiguration', 'DeleteBucketPolicy'])
      assert.ok(!denies(bucket, `s3:${action}`, deploying), action);
    // Actions are named one by one: a wildcard would deny management as well
    for (const { Action } of table) for (const action of Action) assert.doesNotMatch(action, /\*/);
  });

  test('can be backed up by the roles that the deployment names', () => {
    const backup = arn('Backup');
    const { templates: changed } = synthesize({
      breakGlass: { trusted: [arn('Operations')], backupRoles: [backup] },
    });
    const policies = policiesOf(changed.Data);
    assert.ok(!denies(policies.table, 'dynamodb:StartAwsBackupJob', backup));
    assert.ok(denies(policies.table, 'dynamodb:GetItem', backup));
    assert.ok(!denies(policies.bucket, 's3:GetObjectVersion', backup));
    assert.ok(denies(table, 'dynamodb:StartAwsBackupJob', backup));
  });

  test('is as open as IAM says where no one is named who could repair it', () => {
    const { templates: without, findings } = synthesize({
      boundary: false,
      pipeline: undefined,
      breakGlass: undefined,
    });
    assert.deepEqual(findings, []);
    assert.deepEqual(policiesOf(without.Data).table, []);
    assert.deepEqual(
      resourcesOf(without.Data, 'AWS::IAM::Role').filter(({ id }) => id.startsWith('BreakGlass')),
      [],
    );
  });
});

describe('the break-glass role', () => {
  const role = resourceOf(data, 'AWS::IAM::Role', 'BreakGlassRole').Properties;

  test('is taken for an hour by those who are trusted, with a second factor, where the alarm sees it', () => {
    const [trust, ...more] = role.AssumeRolePolicyDocument.Statement;
    assert.deepEqual(more, []);
    assert.deepEqual(trust.Principal, { AWS: arn('Operations') });
    assert.deepEqual(trust.Condition, {
      Bool: { 'aws:MultiFactorAuthPresent': 'true' },
      StringEquals: { 'aws:RequestedRegion': 'us-east-1' },
    });
    assert.equal(role.MaxSessionDuration, 3600);
  });

  test('asks for no second factor of AWS where the company’s provider does', () => {
    const { templates: changed } = synthesize({
      breakGlass: { trusted: [arn('Operations')], requiresMfa: false },
    });
    const [trust] = resourceOf(changed.Data, 'AWS::IAM::Role', 'BreakGlassRole').Properties
      .AssumeRolePolicyDocument.Statement;
    assert.equal(trust.Condition.Bool, undefined);
  });

  test('raises an alarm when it is taken, and when a policy that requires it changes', () => {
    for (const id of ['BreakGlassUsed', 'GuardChanged']) {
      const rule = resourceOf(data, 'AWS::Events::Rule', id);
      // without it EventBridge keeps back AssumeRole, which counts as reading
      assert.equal(rule.Properties.State, 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS');
      const alarm = resourceOf(data, 'AWS::CloudWatch::Alarm', id).Properties;
      assert.deepEqual(alarm.Dimensions, [{ Name: 'RuleName', Value: { Ref: rule.id } }]);
      assert.equal(alarm.Threshold, 1);
    }
    const detailOf = (id: string) => resourceOf(data, 'AWS::Events::Rule', id).Properties.EventPattern.detail;
    assert.deepEqual(detailOf('BreakGlassUsed').requestParameters.roleArn, [breakGlass]);
    const { eventName, $or: guarded } = detailOf('GuardChanged');
    assert.deepEqual(eventName, [
      'PutResourcePolicy',
      'DeleteResourcePolicy',
      'PutBucketPolicy',
      'DeleteBucketPolicy',
    ]);
    const [ofTable, ofBucket] = guarded.map((one: Json) => one.requestParameters);
    assert.deepEqual(ofTable.resourceArn, [
      { 'Fn::GetAtt': [resourceOf(data, 'AWS::DynamoDB::Table').id, 'Arn'] },
    ]);
    assert.match(JSON.stringify(ofBucket.bucketName), /"Ref":"Bucket/);
  });
});
