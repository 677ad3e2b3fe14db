import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { everyOption } from '../permissions/optional-steps.ts';
import { type Json, resourceOf, resourcesOf, synthesize } from '../synthesize.ts';

const { Fargate: fargate } = synthesize().templates;
const tasks = resourcesOf(fargate, 'AWS::ECS::TaskDefinition');
const containers: Json[] = tasks.map(({ Properties }) => Properties.ContainerDefinitions[0]);
const service = (template: Json, name: string) =>
  resourceOf(template, 'AWS::ECS::Service', `${name}Service`).Properties;

/** The most tasks of the worker. */
function mostWorkers(template: Json): number {
  return resourceOf(template, 'AWS::ApplicationAutoScaling::ScalableTarget', 'WorkerService').Properties
    .MaxCapacity;
}

describe('on Fargate', () => {
  test('the image is told by one word what to be', () => {
    assert.deepEqual(
      containers.map(({ Command }) => Command),
      [['web'], ['worker']],
    );
  });

  test('a task can write nothing but a /tmp in memory, which runs no set-uid program', () => {
    for (const { Name, ReadonlyRootFilesystem, LinuxParameters, MountPoints } of containers) {
      assert.equal(ReadonlyRootFilesystem, true, Name);
      const [tmp, ...more] = LinuxParameters.Tmpfs;
      assert.equal(tmp.ContainerPath, '/tmp');
      assert.deepEqual(tmp.MountOptions, ['nosuid', 'nodev']);
      assert.deepEqual([more, MountPoints ?? []], [[], []]);
    }
  });

  test('a task has longer to end than Paperlift drains', () => {
    for (const { StopTimeout } of containers) assert.ok(StopTimeout > 25);
  });

  test('a new version that does not come up is rolled back, and never fewer than all serve meanwhile', () => {
    for (const name of ['Web', 'Worker']) {
      const { DeploymentConfiguration: deployment } = service(fargate, name);
      assert.deepEqual(deployment.DeploymentCircuitBreaker, { Enable: true, Rollback: true }, name);
      assert.equal(deployment.MinimumHealthyPercent, 100, name);
    }
    for (const { Name, HealthCheck } of containers) {
      assert.deepEqual(HealthCheck.Command, ['CMD', 'node', '/paperlift/health.mjs', Name]);
    }
  });

  test('people are spoken to by https only', () => {
    const listeners = resourcesOf(fargate, 'AWS::ElasticLoadBalancingV2::Listener');
    const plain = listeners.filter(({ Properties }) => Properties.Protocol === 'HTTP');
    assert.deepEqual(
      plain.map(({ Properties }) => Properties.DefaultActions[0].RedirectConfig),
      [{ Port: '443', Protocol: 'HTTPS', StatusCode: 'HTTP_301' }],
    );
    const [secure, ...more] = listeners.filter(({ Properties }) => Properties.Protocol === 'HTTPS');
    assert.deepEqual(more, []);
    assert.match(secure?.Properties.SslPolicy, /TLS13/);
    assert.match(secure?.Properties.Certificates[0].CertificateArn, /^arn:aws:acm:/);
  });

  test('nothing reaches a task but the load balancer the web, and no task has a public address', () => {
    const [entry, ...more] = resourcesOf(fargate, 'AWS::EC2::SecurityGroupIngress');
    assert.deepEqual(more, []);
    assert.deepEqual(
      [entry?.Properties.FromPort, entry?.Properties.ToPort, entry?.Properties.CidrIp],
      [3000, 3000, undefined],
    );
    assert.match(entry?.Properties.SourceSecurityGroupId['Fn::GetAtt'][0], /^LoadBalancerGroup/);
    assert.match(entry?.Properties.GroupId['Fn::GetAtt'][0], /^WebGroup/);
    const open = resourcesOf(fargate, 'AWS::EC2::SecurityGroup').filter(
      ({ Properties }) => Properties.SecurityGroupIngress,
    );
    assert.deepEqual(
      open.map(({ id }) => id.replace(/[0-9A-F]{8}$/, '')),
      ['LoadBalancerGroup'],
    );
    for (const name of ['Web', 'Worker']) {
      const { AwsvpcConfiguration } = service(fargate, name).NetworkConfiguration;
      assert.equal(AwsvpcConfiguration.AssignPublicIp, 'DISABLED');
    }
  });

  test('the addresses of the load balancer, and no others, are believed about clients', () => {
    const { CidrBlock } = resourceOf(fargate, 'AWS::EC2::VPC').Properties;
    for (const { Environment } of containers) {
      const proxies = Environment.find(({ Name }: Json) => Name === 'TRUSTED_PROXIES');
      assert.equal(proxies.Value, CidrBlock);
    }
  });

  test('a database that is down restarts no web task: the load balancer asks for the process alone', () => {
    const group = resourceOf(fargate, 'AWS::ElasticLoadBalancingV2::TargetGroup').Properties;
    assert.equal(group.HealthCheckPath, '/health/live');
  });

  test('the web grows with requests and work, the worker with jobs that wait and their age', () => {
    const policies = resourcesOf(fargate, 'AWS::ApplicationAutoScaling::ScalingPolicy');
    const tracked = policies.flatMap(
      ({ Properties }) =>
        Properties.TargetTrackingScalingPolicyConfiguration?.PredefinedMetricSpecification
          .PredefinedMetricType ?? [],
    );
    assert.deepEqual(tracked.sort(), ['ALBRequestCountPerTarget', 'ECSServiceAverageCPUUtilization']);
    const metrics = resourcesOf(fargate, 'AWS::CloudWatch::Alarm')
      .filter(({ id }) => id.startsWith('WorkerServiceTaskCount'))
      .flatMap(({ Properties }) => Properties.Metrics)
      .flatMap(({ MetricStat }: Json) => MetricStat?.Metric.MetricName ?? []);
    assert.deepEqual([...new Set(metrics)].sort(), [
      'ApproximateAgeOfOldestMessage',
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateNumberOfMessagesVisible',
    ]);
  });

  test('the most workers use up Textract’s quota with pages of three seconds', () => {
    assert.equal(mostWorkers(fargate), 18); // 25 calls a second, 4 pages each
    const { templates } = synthesize({
      textractCallsPerSecond: 50,
      fargate: { worker: { pagesAtOnce: 10 }, egress: 'nat' },
    });
    assert.equal(mostWorkers(templates.Fargate), 15);
  });

  test('the worker runs on spare capacity when asked to', () => {
    const strategy = (template: Json) =>
      service(template, 'Worker').CapacityProviderStrategy.map(
        ({ CapacityProvider }: Json) => CapacityProvider,
      );
    assert.deepEqual(strategy(fargate), ['FARGATE']);
    const { templates } = synthesize({ fargate: { worker: { spot: true } } });
    assert.deepEqual(strategy(templates.Fargate), ['FARGATE_SPOT']);
  });

  test('tasks do without the internet when asked to', () => {
    assert.equal(resourcesOf(fargate, 'AWS::EC2::NatGateway').length, 1);
    const { templates, findings } = synthesize({
      ...everyOption,
      telemetry: { traces: true, collectorImage: 'collector-0.49.0' },
      fargate: { egress: 'endpoints' },
      saml: {
        providerName: 'Example',
        issuer: 'https://idp.example.com/metadata',
        entryPoint: 'https://idp.example.com/sso',
        certificate: 'MIIB',
      },
    });
    assert.deepEqual(findings, []);
    assert.equal(resourcesOf(templates.Fargate, 'AWS::EC2::NatGateway').length, 0);
    const services = resourcesOf(templates.Fargate, 'AWS::EC2::VPCEndpoint').map(({ Properties }) =>
      JSON.stringify(Properties.ServiceName).replace(/.*us-east-1\.|.*amazonaws\.[^.]*\.|[^a-z]*$/g, ''),
    );
    for (const service of 'sqs textract rekognition translate events secretsmanager cognito-idp logs ecr.api ecr.dkr xray'.split(
      ' ',
    ))
      assert.ok(
        services.some((name) => name.endsWith(service)),
        service,
      );
  });

  test('every network a flow log, the load balancer an access log', () => {
    assert.equal(resourceOf(fargate, 'AWS::EC2::FlowLog').Properties.TrafficType, 'ALL');
    const attributes: Json[] = resourceOf(fargate, 'AWS::ElasticLoadBalancingV2::LoadBalancer').Properties
      .LoadBalancerAttributes;
    const values = Object.fromEntries(attributes.map(({ Key, Value }) => [Key, Value]));
    assert.equal(values['access_logs.s3.enabled'], 'true');
    assert.equal(values['routing.http.drop_invalid_header_fields.enabled'], 'true');
  });

  test('clients need a certificate of the trust store that was not revoked, when asked to', () => {
    const listenerOf = (template: Json) =>
      resourcesOf(template, 'AWS::ElasticLoadBalancingV2::Listener').find(
        ({ Properties }) => Properties.Protocol === 'HTTPS',
      )?.Properties;
    assert.equal(listenerOf(fargate).MutualAuthentication, undefined);
    const { templates, findings } = synthesize({
      fargate: {
        mutualTls: {
          bucket: 'example-truststore',
          key: 'authorities.pem',
          version: '1',
          revocations: [{ key: 'revoked.pem', version: '7' }],
        },
      },
    });
    assert.deepEqual(findings, []);
    const store = resourceOf(templates.Fargate, 'AWS::ElasticLoadBalancingV2::TrustStore');
    assert.deepEqual(
      [store.Properties.CaCertificatesBundleS3Bucket, store.Properties.CaCertificatesBundleS3Key],
      ['example-truststore', 'authorities.pem'],
    );
    const { Mode, TrustStoreArn, IgnoreClientCertificateExpiry } = listenerOf(
      templates.Fargate,
    ).MutualAuthentication;
    assert.deepEqual([Mode, IgnoreClientCertificateExpiry ?? false], ['verify', false]);
    assert.deepEqual(TrustStoreArn, { 'Fn::GetAtt': [store.id, 'TrustStoreArn'] });
    const revocation = resourceOf(
      templates.Fargate,
      'AWS::ElasticLoadBalancingV2::TrustStoreRevocation',
    ).Properties;
    assert.deepEqual(revocation.TrustStoreArn, TrustStoreArn);
    assert.deepEqual(revocation.RevocationContents, [
      { RevocationType: 'CRL', S3Bucket: 'example-truststore', S3Key: 'revoked.pem', S3ObjectVersion: '7' },
    ]);
    const attributes: Json[] = resourceOf(templates.Fargate, 'AWS::ElasticLoadBalancingV2::LoadBalancer')
      .Properties.LoadBalancerAttributes;
    assert.ok(attributes.some(({ Key, Value }) => Key === 'connection_logs.s3.enabled' && Value === 'true'));
  });
});
