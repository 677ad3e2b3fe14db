// The CDK app: `npm run cdk -- deploy …`. Which file describes the deployment, and which image runs, can be said by
// `--context config=…` and `--context image=…`.
import { App } from 'aws-cdk-lib';
import { DeploymentError, readDeployment } from './config.ts';
import { createStacks } from './stacks.ts';

try {
  const app = new App();
  createStacks(
    app,
    readDeployment({ file: app.node.tryGetContext('config'), image: app.node.tryGetContext('image') }),
  );
  app.synth();
} catch (error) {
  if (!(error instanceof DeploymentError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
