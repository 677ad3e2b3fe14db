import type { Deployment } from '../config.ts';
import { partitionOf } from '../stacks/role-names.ts';
import type { Statement } from './grant.ts';

/** CDK's own: https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html */
const defaultQualifier = 'hnb659fds';

/** What a pipeline may do by itself: pushing and verifying images. It deploys by CDK's roles. */
export function pipelineStatements(deployment: Deployment): Statement[] {
  const { name, account, region, bootstrapQualifier = defaultQualifier } = deployment;
  const arn = (service: string, resource: string, place = region) =>
    `arn:${partitionOf(deployment)}:${service}:${place}:${account}:${resource}`;
  const cdkRoles = ['deploy-role', 'file-publishing-role', 'lookup-role'].map((role) =>
    arn('iam', `role/cdk-${bootstrapQualifier}-${role}-${account}-${region}`, ''),
  );
  const profiles = arn('signer', '/signing-profiles/*');
  const stacks = arn('cloudformation', `stack/${name}-*/*`);
  return [
    {
      sid: 'Deploy',
      actions: ['sts:AssumeRole'],
      resources: cdkRoles,
      why: 'deploys by the roles of CDK’s bootstrap, whose boundary holds',
    },
    {
      sid: 'PushImages',
      actions: [
        'ecr:BatchCheckLayerAvailability',
        'ecr:BatchGetImage',
        'ecr:CompleteLayerUpload',
        'ecr:DescribeImages',
        'ecr:GetDownloadUrlForLayer',
        'ecr:InitiateLayerUpload',
        'ecr:PutImage',
        'ecr:UploadLayerPart',
      ],
      resources: [arn('ecr', `repository/${name}`)],
      why: 'pushes the image, and reads it back with its signature',
    },
    {
      sid: 'SignInToRegistry',
      actions: ['ecr:GetAuthorizationToken'],
      resources: ['*'],
      why: 'signs in to the registry; supports no resource',
      wildcard: { findings: ['Resource::*'], reason: 'ecr:GetAuthorizationToken supports no resource.' },
    },
    {
      sid: 'SignImages',
      actions: ['signer:SignPayload', 'signer:GetRevocationStatus'],
      resources: [profiles],
      why: 'the registry signs what is pushed in the name of who pushes it; verifying asks whether a signature was revoked',
      wildcard: { findings: [`Resource::${profiles}`], reason: 'The profile’s name is CloudFormation’s.' },
    },
    {
      sid: 'ReadOutputs',
      actions: ['cloudformation:DescribeStacks'],
      resources: [stacks],
      why: 'finds the signing profile',
      wildcard: { findings: [`Resource::${stacks}`], reason: 'Ids of stacks end in random letters.' },
    },
  ];
}
