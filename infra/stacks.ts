import { type App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Deployment } from './config.ts';
import { createDataStack } from './stacks/data.stack.ts';
import { createFargateStack } from './stacks/fargate.stack.ts';
import { applyBoundary, createGuardsStack } from './stacks/guards.stack.ts';
import { createIdentityStack } from './stacks/identity.stack.ts';
import { createImageStack } from './stacks/image.stack.ts';
import { createLambdaStack } from './stacks/lambda.stack.ts';

/** All stacks of a deployment, each checked against the AWS Solutions rules: synthesis fails on a finding without a reason. */
export function createStacks(app: App, deployment: Deployment) {
  Tags.of(app).add('application', deployment.name);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app, { verbose: true }));
  const guards = deployment.boundary ? createGuardsStack(app, { deployment }) : undefined;
  const image = createImageStack(app, { deployment });
  const data = createDataStack(app, { deployment });
  const identity = createIdentityStack(app, { deployment, image, data });
  const parts = { deployment, image, data, identity };
  const fargate = deployment.fargate && createFargateStack(app, parts, deployment.fargate);
  const lambda = deployment.lambda && createLambdaStack(app, parts, deployment.lambda);
  if (guards) {
    for (const made of [image, data, identity, fargate, lambda]) {
      if (made) applyBoundary(made.stack, deployment);
    }
  }
  return { guards, image, data, identity, fargate, lambda };
}
