// What limits deployments and the roles they make. An administrator deploys it, before the account is bootstrapped: the role
// that deploys everything else may not change it.
import { type App, BootstraplessSynthesizer, Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PermissionsBoundary, type PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Deployment } from '../config.ts';
import { deployBoundary, roleBoundary } from '../permissions/boundaries.ts';
import { acknowledge } from './acknowledge.ts';
import { createPipelineRole } from './pipeline.role.ts';
import { arnOfPolicy, nameOfPolicy } from './role-names.ts';

export function createGuardsStack(app: App, { deployment }: { deployment: Deployment }) {
  const { name, account, region } = deployment;
  const stack = new Stack(app, 'Guards', {
    stackName: `${name}-guards`,
    description: 'Paperlift: the most that its roles and its deployments may do',
    env: { account, region },
    synthesizer: new BootstraplessSynthesizer(), // with the administrator's own credentials
    terminationProtection: true,
  });
  addBoundary(stack, {
    id: 'RoleBoundary',
    name: nameOfPolicy(deployment, 'boundary'),
    description: 'Paperlift: the most that its roles may do',
    statements: roleBoundary(deployment),
  });
  addBoundary(stack, {
    id: 'DeployBoundary',
    name: nameOfPolicy(deployment, 'deploy-boundary'),
    description: 'Paperlift: the most that deploying it may do',
    statements: deployBoundary(deployment),
  });
  if (deployment.pipeline) createPipelineRole(stack, deployment, deployment.pipeline);
  return stack;
}

/** Gives every role of a stack the boundary, whoever makes it. */
export function applyBoundary(stack: Stack, deployment: Deployment) {
  const arn = arnOfPolicy(deployment, 'boundary');
  PermissionsBoundary.of(stack).apply(ManagedPolicy.fromManagedPolicyArn(stack, 'Boundary', arn));
}

function addBoundary(
  stack: Stack,
  given: { id: string; name: string; description: string; statements: PolicyStatement[] },
) {
  const policy = new ManagedPolicy(stack, given.id, {
    managedPolicyName: given.name,
    description: given.description,
    statements: given.statements,
  });
  const reason = 'A boundary grants nothing. It bounds what policies with resources of their own grant.';
  const wildcards = given.statements.flatMap(({ actions, resources }) => [
    ...actions.filter((action) => action.includes('*')).map((action) => `Action::${action}`),
    ...resources.filter((resource) => resource.includes('*')).map((resource) => `Resource::${resource}`),
  ]);
  acknowledge(policy, Object.fromEntries(wildcards.map((found) => [`AwsSolutions-IAM5[${found}]`, reason])));
}
