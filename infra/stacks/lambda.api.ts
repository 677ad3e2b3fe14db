// The way from people to the web function: a REST API, because a firewall cannot stand before an HTTP API
// (docs/decisions/0071).
import { CfnOutput, type Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  Deployment as ApiDeployment,
  CfnAccount,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RestApi,
  Stage,
} from 'aws-cdk-lib/aws-apigateway';
import { CfnApiMapping, DomainName, SecurityPolicy } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { ApiGatewayv2DomainProperties } from 'aws-cdk-lib/aws-route53-targets';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Deployment } from '../config.ts';
import { grant } from '../permissions/grant.ts';
import { apiLogStatements } from '../permissions/platform.ts';
import { accessLog } from './access-log.ts';
import { acknowledge } from './acknowledge.ts';

interface Given {
  deployment: Deployment;
  settings: NonNullable<Deployment['lambda']>;
  web: IFunction;
  timeout: Duration;
}

/** The API, its stage and its domain. */
export function createApi(stack: Stack, given: Given) {
  const { deployment, settings, web } = given;
  const api = new RestApi(stack, 'RestApi', {
    restApiName: deployment.name,
    description: 'Paperlift',
    deploy: false,
    cloudWatchRole: false,
    endpointTypes: [EndpointType.REGIONAL],
    disableExecuteApiEndpoint: true, // the one way in is the own domain, with its TLS policy and its client certificates
    binaryMediaTypes: ['*/*'], // bodies pass as they are, whatever their type
    defaultIntegration: new LambdaIntegration(web, { allowTestInvoke: false, timeout: given.timeout }),
  });
  api.root.addMethod('ANY');
  api.root.addProxy({ anyMethod: true });
  acknowledge(api, {
    'AwsSolutions-APIG2': 'Paperlift itself checks requests: the API passes all of them on.',
    'AwsSolutions-APIG4':
      'Paperlift itself authorizes requests, by session cookie or user pool token, as in every deployment.',
    'AwsSolutions-COG4':
      'Paperlift itself authorizes requests, by session cookie or user pool token, as in every deployment.',
  });
  const log = new LogGroup(stack, 'ApiLog', {
    logGroupName: `/aws/vendedlogs/${deployment.name}-api`,
    retention: deployment.logDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const stage = new Stage(stack, 'Live', {
    stageName: 'live',
    deployment: new ApiDeployment(stack, 'Deployment', { api }),
    metricsEnabled: true,
    tracingEnabled: true,
    loggingLevel: MethodLoggingLevel.ERROR,
    dataTraceEnabled: false, // it would log documents
    throttlingRateLimit: settings.requestsPerSecond,
    throttlingBurstLimit: settings.burst,
    accessLogDestination: new LogGroupLogDestination(log),
    accessLogFormat: AccessLogFormat.custom(JSON.stringify(accessLog)),
  });
  if (settings.setsLogRole) stage.node.addDependency(setLogRole(stack));
  if (!deployment.firewall) {
    acknowledge(stage, { 'AwsSolutions-APIG3': 'The deployment’s file turns the firewall off.' });
  }
  addDomain(stack, { deployment, settings, api, stage });
  return { api, stage };
}

/** REST APIs write logs by one role of the account and region. It stays, because other APIs use it, too. */
function setLogRole(stack: Stack) {
  const role = new Role(stack, 'ApiLogRole', { assumedBy: new ServicePrincipal('apigateway.amazonaws.com') });
  grant(role, apiLogStatements());
  role.applyRemovalPolicy(RemovalPolicy.RETAIN);
  const account = new CfnAccount(stack, 'ApiAccount', { cloudWatchRoleArn: role.roleArn });
  account.node.addDependency(role);
  account.applyRemovalPolicy(RemovalPolicy.RETAIN);
  return account;
}

function addDomain(
  stack: Stack,
  given: Pick<Given, 'deployment' | 'settings'> & { api: RestApi; stage: Stage },
) {
  const { deployment, settings } = given;
  const { mutualTls } = settings;
  const host = new URL(deployment.publicUrl).host;
  const domain = new DomainName(stack, 'Domain', {
    domainName: host,
    securityPolicy: SecurityPolicy.TLS_1_2,
    certificate: Certificate.fromCertificateArn(stack, 'Certificate', deployment.certificateArn),
    ...(mutualTls && {
      mtls: {
        bucket: Bucket.fromBucketName(stack, 'Truststore', mutualTls.bucket),
        key: mutualTls.key,
        version: mutualTls.version,
      },
    }),
  });
  // at the place of the mapping that led to an HTTP API in earlier versions: a domain has only one at its root
  new CfnApiMapping(new Construct(stack, 'Mapping'), 'Resource', {
    apiId: given.api.restApiId,
    domainName: domain.name,
    stage: given.stage.stageName,
  });
  const { hostedZone } = deployment;
  if (hostedZone && (deployment.leadsTo ?? 'lambda') === 'lambda') {
    new ARecord(stack, 'Address', {
      zone: HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
        hostedZoneId: hostedZone.id,
        zoneName: hostedZone.name,
      }),
      recordName: host,
      target: RecordTarget.fromAlias(
        new ApiGatewayv2DomainProperties(domain.regionalDomainName, domain.regionalHostedZoneId),
      ),
    });
  }
  new CfnOutput(stack, 'DnsTarget', { value: domain.regionalDomainName });
}
