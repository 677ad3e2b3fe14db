import type { Stack } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { Deployment } from '../config.ts';
import { usesStep } from '../permissions/optional-steps.ts';
import type { DataStack } from './data.stack.ts';

type Settings = NonNullable<Deployment['fargate']>;

/** The services that tasks call besides S3 and DynamoDB, whose endpoints are free. */
const calledServices = {
  Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  EcrApi: InterfaceVpcEndpointAwsService.ECR,
  EcrDocker: InterfaceVpcEndpointAwsService.ECR_DOCKER,
  Secrets: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
  Sqs: InterfaceVpcEndpointAwsService.SQS,
  Textract: InterfaceVpcEndpointAwsService.TEXTRACT,
  Cognito: InterfaceVpcEndpointAwsService.COGNITO_IDP,
};

/** Sets the zones, since looking them up needs credentials. Called before anything else is in the stack. */
export function setAvailabilityZones(stack: Stack, { availabilityZones }: Settings) {
  const { account, region } = stack;
  const zones = availabilityZones ?? [`${region}a`, `${region}b`];
  stack.node.setContext(`availability-zones:account=${account}:region=${region}`, zones);
}

/**
 * The network: the load balancer in public subnets, the tasks in private ones, which reach AWS by NAT or endpoints.
 */
export function createNetwork(
  stack: Stack,
  { deployment, settings, data }: { deployment: Deployment; settings: Settings; data: DataStack },
) {
  const usesNat = settings.egress === 'nat';
  const vpc = new Vpc(stack, 'Vpc', {
    ipAddresses: IpAddresses.cidr(settings.network),
    maxAzs: stack.availabilityZones.length,
    natGateways: usesNat ? settings.natGateways : 0,
    subnetConfiguration: [
      { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
      {
        name: 'tasks',
        subnetType: usesNat ? SubnetType.PRIVATE_WITH_EGRESS : SubnetType.PRIVATE_ISOLATED,
        cidrMask: 22,
      },
    ],
    gatewayEndpoints: {
      S3: { service: GatewayVpcEndpointAwsService.S3 },
      DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
    },
    restrictDefaultSecurityGroup: false, // CDK would create a function for it, and nothing here uses that group
    flowLogs: {
      All: {
        destination: FlowLogDestination.toS3(data.logBucket, 'vpc/'),
        trafficType: FlowLogTrafficType.ALL,
      },
    },
  });
  if (!usesNat) {
    const endpoints = new SecurityGroup(stack, 'Endpoints', {
      vpc,
      description: 'Paperlift: the endpoints of AWS services',
      allowAllOutbound: false,
    });
    endpoints.addIngressRule(Peer.ipv4(settings.network), Port.tcp(443), 'from the tasks');
    const services = {
      ...calledServices,
      ...(usesStep(deployment, 'moderate images')
        ? { Rekognition: InterfaceVpcEndpointAwsService.REKOGNITION }
        : {}),
      ...(usesStep(deployment, 'translate exports')
        ? { Translate: InterfaceVpcEndpointAwsService.TRANSLATE }
        : {}),
      ...(deployment.telemetry.traces ? { XRay: InterfaceVpcEndpointAwsService.XRAY } : {}),
      ...(deployment.eventBus ? { EventBridge: InterfaceVpcEndpointAwsService.EVENTBRIDGE } : {}),
    };
    for (const [id, service] of Object.entries(services)) {
      vpc.addInterfaceEndpoint(id, { service, securityGroups: [endpoints], open: false });
    }
  }
  return vpc;
}
