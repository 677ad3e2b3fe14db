import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Json, resourceOf, resourcesOf, synthesize } from '../synthesize.ts';

const { Lambda: lambda } = synthesize().templates;
const functionOf = (template: Json, id: string) =>
  resourceOf(template, 'AWS::Lambda::Function', id).Properties;

describe('on Lambda', () => {
  test('the image is told by one word what to be', () => {
    assert.deepEqual(functionOf(lambda, 'Web').ImageConfig, { Command: ['lambda-web'] });
    assert.deepEqual(functionOf(lambda, 'Worker').ImageConfig, { Command: ['lambda-worker'] });
  });

  test('the web ends before the API stops waiting for it', () => {
    for (const { Properties } of resourcesOf(lambda, 'AWS::ApiGateway::Method'))
      assert.ok(functionOf(lambda, 'Web').Timeout * 1000 < Properties.Integration.TimeoutInMillis);
  });

  test('the worker has longer than an export may take, and room for the browser', () => {
    const { Timeout, MemorySize, EphemeralStorage } = functionOf(lambda, 'Worker');
    assert.ok(Timeout > 120 && Timeout <= 900);
    assert.ok(MemorySize >= 2048);
    assert.ok(EphemeralStorage.Size >= 2048);
  });

  test('both queues report which jobs failed, one job an invocation', () => {
    const sources = resourcesOf(lambda, 'AWS::Lambda::EventSourceMapping');
    assert.equal(sources.length, 2);
    for (const { id, Properties } of sources) {
      assert.deepEqual(Properties.FunctionResponseTypes, ['ReportBatchItemFailures'], id);
      assert.equal(Properties.BatchSize, 1, id);
    }
  });

  test('the most pages at once use up Textract’s quota with pages of three seconds, and no job is turned away', () => {
    const check = (template: Json, pages: number) => {
      const atOnce = resourcesOf(template, 'AWS::Lambda::EventSourceMapping').map(
        ({ Properties }) => Properties.ScalingConfig.MaximumConcurrency,
      );
      assert.deepEqual(atOnce, [pages, 2]);
      assert.equal(functionOf(template, 'Worker').ReservedConcurrentExecutions, pages + 2 + 1);
    };
    check(lambda, 75);
    check(synthesize({ textractCallsPerSecond: 1 }).templates.Lambda, 3);
    check(synthesize({ textractCallsPerSecond: 900 }).templates.Lambda, 1000); // SQS sources take no more
  });

  test('the sweeper runs every minute', () => {
    const { ScheduleExpression, Target } = resourceOf(lambda, 'AWS::Scheduler::Schedule').Properties;
    assert.equal(ScheduleExpression, 'rate(1 minute)');
    assert.deepEqual(JSON.parse(Target.Input), { task: 'sweep' });
    const worker = resourceOf(lambda, 'AWS::Lambda::Function', 'Worker');
    assert.deepEqual(Target.Arn, { 'Fn::GetAtt': [worker.id, 'Arn'] });
  });

  test('the access log names each phase’s status and latency', () => {
    const { AccessLogSetting } = resourceOf(lambda, 'AWS::ApiGateway::Stage').Properties;
    const values = Object.values(JSON.parse(AccessLogSetting.Format));
    for (const variable of [
      'requestId',
      'status',
      'responseLatency',
      'waf.status',
      'waf.latency',
      'authorize.status',
      'authorizer.error',
      'integrationStatus',
      'integration.status',
      'integration.latency',
      'integration.error',
    ]) {
      assert.ok(values.includes(`$context.${variable}`), variable);
    }
  });

  test('the only way in is the own domain by TLS 1.2 or later', () => {
    const api = resourceOf(lambda, 'AWS::ApiGateway::RestApi');
    assert.equal(api.Properties.DisableExecuteApiEndpoint, true);
    const mapping = resourceOf(lambda, 'AWS::ApiGatewayV2::ApiMapping').Properties;
    assert.deepEqual(mapping.ApiId, { Ref: api.id });
    assert.equal(mapping.ApiMappingKey, undefined, 'at the root');
    const domain = resourceOf(lambda, 'AWS::ApiGatewayV2::DomainName').Properties;
    assert.equal(domain.DomainName, 'paperlift.example.com');
    assert.equal(domain.DomainNameConfigurations[0].SecurityPolicy, 'TLS_1_2');
    assert.equal(domain.MutualTlsAuthentication, undefined);
  });

  test('clients need a certificate of the truststore when asked to', () => {
    const mutualTls = { bucket: 'example-truststore', key: 'authorities.pem', version: '1' };
    const { templates, findings } = synthesize({ lambda: { mutualTls } });
    assert.deepEqual(findings, []);
    const domain = resourceOf(templates.Lambda, 'AWS::ApiGatewayV2::DomainName').Properties;
    assert.deepEqual(domain.MutualTlsAuthentication, {
      TruststoreUri: 's3://example-truststore/authorities.pem',
      TruststoreVersion: '1',
    });
  });

  test('every function is traced, and writes a log that ends', () => {
    for (const { id, Properties } of resourcesOf(lambda, 'AWS::Lambda::Function')) {
      assert.deepEqual(Properties.TracingConfig, { Mode: 'Active' }, id);
      assert.ok(Properties.LoggingConfig.LogGroup, id);
    }
    for (const { id, Properties } of resourcesOf(lambda, 'AWS::Logs::LogGroup'))
      assert.equal(Properties.RetentionInDays, 90, id);
  });

  test('somebody who asks without end is slowed down', () => {
    const [settings] = resourceOf(lambda, 'AWS::ApiGateway::Stage').Properties.MethodSettings;
    assert.equal(settings.ThrottlingRateLimit, 200);
    assert.equal(settings.ThrottlingBurstLimit, 400);
  });

  test('scans and answers pass the API as they are, and no document lies in its log', () => {
    assert.deepEqual(resourceOf(lambda, 'AWS::ApiGateway::RestApi').Properties.BinaryMediaTypes, ['*/*']);
    const methods = resourcesOf(lambda, 'AWS::ApiGateway::Method');
    assert.equal(methods.length, 2, 'the root, and everything below it');
    for (const { Properties } of methods) {
      assert.deepEqual([Properties.HttpMethod, Properties.Integration.Type], ['ANY', 'AWS_PROXY']);
    }
    const [settings] = resourceOf(lambda, 'AWS::ApiGateway::Stage').Properties.MethodSettings;
    assert.deepEqual([settings.LoggingLevel, settings.DataTraceEnabled], ['ERROR', false]);
  });

  test('the account’s role for logs is set unless another stack has set it', () => {
    assert.equal(resourceOf(lambda, 'AWS::ApiGateway::Account').DeletionPolicy, 'Retain');
    const { templates, findings } = synthesize({ lambda: { setsLogRole: false } });
    assert.deepEqual(findings, []);
    assert.deepEqual(resourcesOf(templates.Lambda, 'AWS::ApiGateway::Account'), []);
  });

  test('the public address leads to one way of running only', () => {
    const records = (changes: object) => {
      const { templates } = synthesize(changes as Record<string, unknown>);
      return (['Fargate', 'Lambda'] as const).map(
        (part) => resourcesOf(templates[part], 'AWS::Route53::RecordSet').length,
      );
    };
    assert.deepEqual(records({ leadsTo: 'fargate' }), [1, 0]);
    assert.deepEqual(records({ leadsTo: 'lambda' }), [0, 1]);
  });
});
