import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { parseDeployment } from '../config.ts';
import { exampleDeployment, resourceOf, resourcesOf, synthesize, withOpenSearch } from '../synthesize.ts';

const { templates, findings } = synthesize(withOpenSearch);
const { Fargate: fargate } = templates;
const domain = resourceOf(fargate, 'AWS::OpenSearchService::Domain').Properties;

describe('OpenSearch', () => {
  test('is made only where it is asked for', () => {
    assert.deepEqual(resourcesOf(synthesize().templates.Fargate, 'AWS::OpenSearchService::Domain'), []);
  });

  test('has no finding of the AWS Solutions rules without a reason', () => assert.deepEqual(findings, []));

  test('is encrypted on its disks, between its nodes and to the tasks', () => {
    assert.equal(domain.EncryptionAtRestOptions.Enabled, true);
    assert.match(JSON.stringify(domain.EncryptionAtRestOptions.KmsKeyId), /paperlift-data:.*Key/);
    assert.equal(domain.NodeToNodeEncryptionOptions.Enabled, true);
    assert.equal(domain.DomainEndpointOptions.EnforceHTTPS, true);
    assert.match(domain.DomainEndpointOptions.TLSSecurityPolicy, /TLS-1-2-PFS/);
  });

  test('is in two private subnets, and only the tasks reach it', () => {
    assert.equal(domain.VPCOptions.SubnetIds.length, 2);
    const rules = resourcesOf(fargate, 'AWS::EC2::SecurityGroupIngress').filter(({ id }) =>
      id.startsWith('SearchGroup'),
    );
    assert.deepEqual(rules.map(({ Properties }) => [Properties.Description, Properties.FromPort]).sort(), [
      ['the web', 443],
      ['the worker', 443],
    ]);
    assert.deepEqual(
      rules.filter(({ Properties }) => Properties.CidrIp),
      [],
    );
  });

  test('lets in the roles of the tasks alone, by four methods', () => {
    const [statement, ...more] = domain.AccessPolicies.Statement;
    assert.deepEqual(more, []);
    const roles = statement.Principal.AWS.map((each: { 'Fn::GetAtt': string[] }) => each['Fn::GetAtt'][0]);
    assert.match(roles.join(), /^WebTaskRole\w+,WorkerTaskRole\w+$/);
    assert.deepEqual(statement.Action, ['es:ESHttpDelete', 'es:ESHttpGet', 'es:ESHttpPost', 'es:ESHttpPut']);
    for (const policy of ['WebTaskRole', 'WorkerTaskRole']) {
      const { PolicyDocument } = resourceOf(fargate, 'AWS::IAM::Policy', policy).Properties;
      assert.ok(
        PolicyDocument.Statement.some(({ Sid }: { Sid: string }) => Sid === 'UseSearch'),
        policy,
      );
    }
  });

  test('is within the boundary of roles, and its texts are not for deployments', () => {
    const policyOf = (id: string) =>
      resourceOf(templates.Guards, 'AWS::IAM::ManagedPolicy', id).Properties.PolicyDocument.Statement;
    const [atMost] = policyOf('RoleBoundary');
    const noData = policyOf('DeployBoundary').find(({ Sid }: { Sid: string }) => Sid === 'NoData');
    assert.ok(atMost.Action.includes('es:ESHttpPost') && noData.Action.includes('es:ESHttpGet'));
    assert.equal(noData.Effect, 'Deny');
  });

  test('is what both tasks search by, with signed requests', () => {
    for (const { Properties } of resourcesOf(fargate, 'AWS::ECS::TaskDefinition')) {
      const given = Object.fromEntries(
        Properties.ContainerDefinitions[0].Environment.map(
          ({ Name, Value }: { Name: string; Value: unknown }) => [Name, Value],
        ),
      );
      assert.equal(given.SEARCH_ENGINE, 'opensearch');
      assert.equal(given.OPENSEARCH_AUTH, 'sigv4');
      assert.match(JSON.stringify(given.OPENSEARCH_URL), /https:\/\/.*DomainEndpoint/);
    }
  });

  test('has an operator told when it is down or full, and docs/operations.md says what to do', () => {
    const operations = readFileSync(path.join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
    for (const [id, metric] of [
      ['SearchRed', 'ClusterStatus.red'],
      ['SearchWritesBlocked', 'ClusterIndexWritesBlocked'],
    ] as const) {
      const alarm = resourceOf(fargate, 'AWS::CloudWatch::Alarm', id).Properties;
      assert.deepEqual([alarm.Namespace, alarm.MetricName, alarm.Statistic], ['AWS/ES', metric, 'Maximum']);
      assert.match(operations, new RegExp(`Fargate .*\`${id}\``));
    }
  });

  test('is refused beside functions, which could not reach it', () => {
    assert.throws(
      () => parseDeployment(exampleDeployment({ fargate: { openSearch: {} } })),
      /fargate.openSearch: the functions/,
    );
    assert.throws(
      () =>
        parseDeployment(
          exampleDeployment({ ...withOpenSearch, leadsTo: 'fargate', fargate: { openSearch: { nodes: 3 } } }),
        ),
      /fargate.openSearch.nodes/,
    );
  });
});
