// The CDK app: `npm run cdk -- deploy …`. `--context config=…` selects the deployment file, `--context image=…` the
// image.
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
