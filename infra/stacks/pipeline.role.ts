// The role of a pipeline at GitHub: pushes images and deploys, without a key that could be stolen.
// https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
import { CfnOutput, Duration, type Stack } from 'aws-cdk-lib';
import { CfnOIDCProvider, Role, WebIdentityPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Deployment } from '../config.ts';
import { grant } from '../permissions/grant.ts';
import { pipelineStatements } from '../permissions/pipeline.ts';
import { partitionOf } from './role-names.ts';

const issuer = 'token.actions.githubusercontent.com';

export function createPipelineRole(
  stack: Stack,
  deployment: Deployment,
  { repository, environment, providerExists }: NonNullable<Deployment['pipeline']>,
) {
  const arn = `arn:${partitionOf(deployment)}:iam::${deployment.account}:oidc-provider/${issuer}`;
  const role = new Role(stack, 'PipelineRole', {
    roleName: `${deployment.name}-pipeline`,
    description: 'Paperlift: deploys from the pipeline of its repository',
    maxSessionDuration: Duration.hours(2),
    // the environment has the rules about who may deploy; a branch's name alone would be everyone's choice
    assumedBy: new WebIdentityPrincipal(arn, {
      StringEquals: {
        [`${issuer}:aud`]: 'sts.amazonaws.com',
        [`${issuer}:sub`]: `repo:${repository}:environment:${environment}`,
      },
    }),
  });
  if (!providerExists) {
    const provider = new CfnOIDCProvider(stack, 'PipelineProvider', {
      url: `https://${issuer}`,
      clientIdList: ['sts.amazonaws.com'],
    });
    role.node.addDependency(provider);
  }
  grant(role, pipelineStatements(deployment));
  new CfnOutput(stack, 'PipelineRoleArn', { value: role.roleArn });
}
