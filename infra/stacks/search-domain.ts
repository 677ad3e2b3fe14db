// A domain of Amazon OpenSearch Service in the network of the tasks, which alone may reach it, each by its role.
import { Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Port, SecurityGroup, type Vpc } from 'aws-cdk-lib/aws-ec2';
import { type IRole, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnResourcePolicy, LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnDomain } from 'aws-cdk-lib/aws-opensearchservice';
import type { Deployment } from '../config.ts';
import { grant, reasonsKey } from '../permissions/grant.ts';
import { searchActions, searchStatements } from '../permissions/search.ts';
import { acknowledge } from './acknowledge.ts';
import { createAlarms } from './alarms.ts';
import type { DataStack } from './data.stack.ts';

type Settings = NonNullable<NonNullable<Deployment['fargate']>['openSearch']>;

const version = 'OpenSearch_2.19';

interface Given {
  deployment: Deployment;
  data: DataStack;
  vpc: Vpc;
  settings: Settings;
}

/** The variables by which Paperlift finds it are the environment of its tasks. */
export function createSearchDomain(stack: Stack, { deployment, data, vpc, settings }: Given) {
  const group = new SecurityGroup(stack, 'SearchGroup', {
    vpc,
    description: 'Paperlift: OpenSearch',
    allowAllOutbound: false,
  });
  const domainName = `${deployment.name}-search`;
  const { partition, region, account } = stack;
  const arn = `arn:${partition}:es:${region}:${account}:domain/${domainName}`;
  const readers: IRole[] = [];
  const logs = createLogs(stack, deployment);
  const domain = new CfnDomain(stack, 'Search', {
    domainName,
    engineVersion: version,
    clusterConfig: {
      instanceType: settings.instance,
      instanceCount: settings.nodes,
      zoneAwarenessEnabled: true,
      zoneAwarenessConfig: { availabilityZoneCount: 2 },
    },
    ebsOptions: { ebsEnabled: true, volumeType: 'gp3', volumeSize: settings.volumeGb },
    vpcOptions: {
      securityGroupIds: [group.securityGroupId],
      subnetIds: vpc.selectSubnets({ subnetGroupName: 'tasks' }).subnetIds.slice(0, 2),
    },
    encryptionAtRestOptions: { enabled: true, kmsKeyId: data.key.keyId },
    nodeToNodeEncryptionOptions: { enabled: true },
    domainEndpointOptions: { enforceHttps: true, tlsSecurityPolicy: 'Policy-Min-TLS-1-2-PFS-2023-10' },
    offPeakWindowOptions: { enabled: true },
    softwareUpdateOptions: { autoSoftwareUpdateEnabled: true },
    logPublishingOptions: Object.fromEntries(
      Object.entries(logs.groups).map(([kind, { logGroupArn }]) => [
        kind,
        { enabled: true, cloudWatchLogsLogGroupArn: logGroupArn },
      ]),
    ),
  });
  domain.addResourceDependency(logs.policy);
  domain.addMetadata(reasonsKey, { UseSearch: 'the domain names the roles of the tasks, and no one else' });
  // a copy of what the table has: it can be built again (scripts/index-text.ts)
  domain.applyRemovalPolicy(RemovalPolicy.DESTROY);
  acknowledge(domain, {
    'AwsSolutions-OS3':
      'The domain is in the private subnets, its security group lets in the tasks alone, and its policy names their roles; addresses of tasks change.',
    'AwsSolutions-OS4':
      'Two small data nodes in two zones. Amazon recommends dedicated masters from three data nodes on; the index can be built again from the table.',
  });

  addAlarms(stack, { data, domainName });

  return {
    environment: {
      SEARCH_ENGINE: 'opensearch',
      OPENSEARCH_URL: `https://${domain.attrDomainEndpoint}`,
      OPENSEARCH_AUTH: 'sigv4',
      OPENSEARCH_SERVICE: 'es',
      OPENSEARCH_REPLICAS: '1',
    },
    /** Lets a task's role and its security group in. */
    allow(role: IRole, from: SecurityGroup, who: string) {
      readers.push(role);
      group.addIngressRule(from, Port.tcp(443), who);
      grant(role, searchStatements(arn));
      domain.accessPolicies = new PolicyDocument({
        statements: [
          new PolicyStatement({
            sid: 'UseSearch',
            principals: readers.map((each) => each.grantPrincipal as never),
            actions: searchActions,
            resources: [`${arn}/*`],
          }),
        ],
      });
    },
  };
}

/** What the service's own metrics say of the domain: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/cloudwatch-alarms.html */
function addAlarms(stack: Stack, { data, domainName }: { data: DataStack; domainName: string }) {
  const alarms = createAlarms(stack, data.alarmTopic);
  const metric = (metricName: string, statistic: string) =>
    new Metric({
      namespace: 'AWS/ES',
      metricName,
      dimensionsMap: { DomainName: domainName, ClientId: stack.account },
      statistic,
      period: Duration.minutes(5),
    });
  alarms.add('SearchRed', {
    metric: metric('ClusterStatus.red', 'max'),
    threshold: 1,
    description: 'OpenSearch has lost a part of the index: searches fail.',
  });
  alarms.add('SearchWritesBlocked', {
    metric: metric('ClusterIndexWritesBlocked', 'max'),
    threshold: 1,
    description: 'OpenSearch takes no writes, for want of disk or memory: changes are not found.',
  });
}

/** The slow logs and the domain's own, in the names and by the policy that the service asks for. */
function createLogs(stack: Stack, { name, account, logDays }: Deployment) {
  const prefix = `/aws/opensearch/${name}-search`;
  const create = (id: string, kind: string) =>
    new LogGroup(stack, id, {
      logGroupName: `${prefix}/${kind}`,
      retention: logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  const groups = {
    SEARCH_SLOW_LOGS: create('SearchSlowLog', 'search-slow'),
    INDEX_SLOW_LOGS: create('IndexSlowLog', 'index-slow'),
    ES_APPLICATION_LOGS: create('SearchLog', 'application'),
  };
  const policy = new CfnResourcePolicy(stack, 'SearchLogPolicy', {
    policyName: `${name}-search`,
    policyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'WriteLogs',
          Effect: 'Allow',
          Principal: { Service: 'es.amazonaws.com' },
          Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          Resource: `arn:${stack.partition}:logs:${stack.region}:${account}:log-group:${prefix}/*`,
          Condition: { StringEquals: { 'aws:SourceAccount': account } },
        },
      ],
    }),
  });
  policy.addMetadata(reasonsKey, { WriteLogs: 'OpenSearch writes its slow logs and its own log' });
  return { groups, policy };
}
