import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tableDefinition } from '../../src/aws/table.ts';
import { type Json, resourceOf, resourcesOf, synthesize } from '../synthesize.ts';

const { templates } = synthesize();
const { Data: data } = templates;
const bucket = resourceOf(data, 'AWS::S3::Bucket', 'Bucket');

describe('the data stack', () => {
  test('refuses plain http for documents, logs, jobs and alarms', () => {
    const policies = ['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy'];
    const found = policies.flatMap((type) => resourcesOf(data, type));
    assert.equal(found.length, 2 + 4 + 1);
    for (const { id, Properties } of found) {
      const denial = Properties.PolicyDocument.Statement.find(
        (one: Json) => one.Effect === 'Deny' && one.Condition?.Bool?.['aws:SecureTransport'] === 'false',
      );
      assert.ok(denial, id);
      assert.equal(denial.Principal.AWS ?? denial.Principal, '*', id);
    }
    const oldTls = resourcesOf(data, 'AWS::S3::BucketPolicy').map(({ Properties }) =>
      Properties.PolicyDocument.Statement.some(
        (one: Json) => one.Condition?.NumericLessThan?.['s3:TlsVersion'] === 1.2,
      ),
    );
    assert.deepEqual(oldTls, [true, true]);
  });

  test('lets nobody outside see a bucket', () => {
    for (const { id, Properties } of resourcesOf(data, 'AWS::S3::Bucket')) {
      assert.deepEqual(
        Properties.PublicAccessBlockConfiguration,
        {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        id,
      );
      assert.deepEqual(
        Properties.OwnershipControls,
        { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        id,
      );
    }
  });

  test('encrypts documents, records, jobs, secrets and alarms with a key that rotates', () => {
    const key = resourceOf(data, 'AWS::KMS::Key');
    assert.equal(key.Properties.EnableKeyRotation, true);
    const arn = { 'Fn::GetAtt': [key.id, 'Arn'] };
    const [rule] = bucket.Properties.BucketEncryption.ServerSideEncryptionConfiguration;
    assert.deepEqual(rule, {
      BucketKeyEnabled: true,
      ServerSideEncryptionByDefault: { KMSMasterKeyID: arn, SSEAlgorithm: 'aws:kms' },
    });
    const table = resourceOf(data, 'AWS::DynamoDB::Table').Properties;
    assert.deepEqual(table.SSESpecification, { KMSMasterKeyId: arn, SSEEnabled: true, SSEType: 'KMS' });
    for (const { Properties } of resourcesOf(data, 'AWS::SQS::Queue'))
      assert.deepEqual(Properties.KmsMasterKeyId, arn);
    assert.deepEqual(resourceOf(data, 'AWS::SecretsManager::Secret').Properties.KmsKeyId, arn);
    assert.deepEqual(resourceOf(data, 'AWS::SNS::Topic').Properties.KmsMasterKeyId, arn);
  });

  test('lets browsers at the public address, and no others, put and get by presigned addresses', () => {
    assert.deepEqual(bucket.Properties.CorsConfiguration.CorsRules, [
      {
        AllowedHeaders: ['content-type', 'if-none-match', 'x-amz-*'],
        AllowedMethods: ['PUT', 'GET'],
        AllowedOrigins: ['https://paperlift.example.com'],
        ExposedHeaders: ['ETag'],
        MaxAge: 3600,
      },
    ]);
  });

  test('removes staged and broken uploads after a day, and never a document that is still there', () => {
    const rules: Json[] = bucket.Properties.LifecycleConfiguration.Rules;
    const expiring = rules.filter((rule) => rule.ExpirationInDays !== undefined);
    assert.deepEqual(
      expiring.map(({ Prefix, ExpirationInDays }) => [Prefix, ExpirationInDays]),
      [['uploads/', 1]],
    );
    const aborting = rules.filter((rule) => rule.AbortIncompleteMultipartUpload);
    assert.deepEqual(
      aborting.map((rule) => [rule.Prefix, rule.AbortIncompleteMultipartUpload.DaysAfterInitiation]),
      [[undefined, 1]],
    );
    for (const rule of rules) assert.equal(rule.Status, 'Enabled');
  });

  test('can bring back what was deleted for as long as the table can be set back', () => {
    assert.deepEqual(bucket.Properties.VersioningConfiguration, { Status: 'Enabled' });
    const table = resourceOf(data, 'AWS::DynamoDB::Table').Properties;
    const { PointInTimeRecoveryEnabled, RecoveryPeriodInDays } = table.PointInTimeRecoverySpecification;
    assert.equal(PointInTimeRecoveryEnabled, true);
    const rule = bucket.Properties.LifecycleConfiguration.Rules.find(
      ({ Prefix }: Json) => Prefix === 'projects/',
    );
    assert.ok(rule.NoncurrentVersionExpiration.NoncurrentDays >= RecoveryPeriodInDays);
  });

  test('makes a table that takes many pages from its first day on where that is paid for, and so do its indexes', () => {
    const { templates } = synthesize({ warmWriteUnits: 16_000 });
    const { WarmThroughput, GlobalSecondaryIndexes } = resourceOf(
      templates.Data,
      'AWS::DynamoDB::Table',
    ).Properties;
    const all = [WarmThroughput, ...GlobalSecondaryIndexes.map((index: Json) => index.WarmThroughput)];
    assert.deepEqual(all, Array(4).fill({ WriteUnitsPerSecond: 16_000 }));
    assert.equal(resourceOf(data, 'AWS::DynamoDB::Table').Properties.WarmThroughput, undefined);
  });

  test('makes the table that the program and the local stack know, with expiry', () => {
    const table = resourceOf(data, 'AWS::DynamoDB::Table').Properties;
    const { TableName: _, ...definition } = tableDefinition('any');
    const byName = (one: { AttributeName: string }, other: { AttributeName: string }) =>
      one.AttributeName.localeCompare(other.AttributeName);
    assert.deepEqual(
      {
        BillingMode: table.BillingMode,
        AttributeDefinitions: table.AttributeDefinitions.toSorted(byName),
        KeySchema: table.KeySchema,
        GlobalSecondaryIndexes: table.GlobalSecondaryIndexes,
      },
      { ...definition, AttributeDefinitions: definition.AttributeDefinitions.toSorted(byName) },
    );
    assert.deepEqual(table.TimeToLiveSpecification, { AttributeName: 'expiresAt', Enabled: true });
    assert.equal(table.DeletionProtectionEnabled, true);
  });

  test('puts a job aside after twenty tries, and hides it for six times as long as the function may take', () => {
    const worker = resourceOf(templates.Lambda, 'AWS::Lambda::Function', 'Worker').Properties;
    for (const name of ['Pages', 'Exports']) {
      const queues = resourcesOf(data, 'AWS::SQS::Queue').filter(({ id }) => id.startsWith(name));
      const dead = queues.find(({ id }) => id.startsWith(`${name}Dead`));
      const queue = queues.find((one) => one !== dead);
      assert.deepEqual(queue?.Properties.RedrivePolicy, {
        deadLetterTargetArn: { 'Fn::GetAtt': [dead?.id, 'Arn'] },
        maxReceiveCount: 20,
      });
      assert.ok(queue?.Properties.VisibilityTimeout >= worker.Timeout * 6, name);
      assert.equal(dead?.Properties.MessageRetentionPeriod, 14 * 24 * 3600, 'as long as SQS keeps any');
    }
  });

  test('outlives its stacks', () => {
    const kept = [
      ...resourcesOf(data, 'AWS::S3::Bucket'),
      ...resourcesOf(data, 'AWS::DynamoDB::Table'),
      ...resourcesOf(data, 'AWS::KMS::Key'),
      ...resourcesOf(data, 'AWS::SecretsManager::Secret'),
      ...resourcesOf(templates.Identity, 'AWS::Cognito::UserPool'),
      ...resourcesOf(templates.Image, 'AWS::ECR::Repository'),
    ];
    assert.equal(kept.length, 7);
    for (const { id, DeletionPolicy, UpdateReplacePolicy } of kept) {
      assert.deepEqual([DeletionPolicy, UpdateReplacePolicy], ['Retain', 'Retain'], id);
    }
  });

  test('makes the session secret itself, so that no template holds it', () => {
    const secret = resourceOf(data, 'AWS::SecretsManager::Secret').Properties;
    assert.equal(secret.SecretString, undefined);
    assert.equal(secret.GenerateSecretString.GenerateStringKey, 'SESSION_SECRET');
    assert.ok(secret.GenerateSecretString.PasswordLength >= 32);
  });

  test('works on a restored table and bucket when the deployment names them', () => {
    const { templates: restored } = synthesize({
      restored: { table: 'table-of-may', bucket: 'bucket-of-may' },
    });
    const variables = resourceOf(restored.Lambda, 'AWS::Lambda::Function', 'Worker').Properties.Environment
      .Variables;
    assert.equal(variables.DYNAMODB_TABLE, 'table-of-may');
    assert.equal(variables.S3_BUCKET, 'bucket-of-may');
    const policies = JSON.stringify(resourcesOf(restored.Lambda, 'AWS::IAM::Policy'));
    assert.match(policies, /table\/table-of-may\/index\/byOwner/);
    assert.match(policies, /bucket-of-may\/projects\/\*/);
    assert.equal(resourcesOf(restored.Data, 'AWS::DynamoDB::Table').length, 1, 'the old table stays');
    const exported = (template: Json) =>
      Object.keys(template.Outputs).filter((name) => /^Exports/.test(name));
    const gone = exported(data).filter((name) => !exported(restored.Data).includes(name));
    assert.deepEqual(gone, [], 'stacks that are not deployed anew yet still use these');
  });
});
