// The repository of the image, in a stack of its own because the image is pushed before anything can run it.
import { type App, CfnOutput, RemovalPolicy } from 'aws-cdk-lib';
import { Repository, RepositoryEncryption, TagMutability } from 'aws-cdk-lib/aws-ecr';
import type { Deployment } from '../config.ts';
import { createStack } from './stack.ts';

export function createImageStack(app: App, { deployment }: { deployment: Deployment }) {
  const stack = createStack(app, deployment, {
    part: 'Image',
    description: 'the repository of its container image',
    keeps: true,
  });
  const repository = new Repository(stack, 'Repository', {
    repositoryName: deployment.name,
    imageTagMutability: TagMutability.IMMUTABLE, // the tested image is the one that runs
    imageScanOnPush: true,
    encryption: RepositoryEncryption.AES_256,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: [{ description: 'enough to roll back', maxImageCount: 20 }],
  });
  new CfnOutput(stack, 'RepositoryUri', { value: repository.repositoryUri });
  return { stack, repository, tagOrDigest: deployment.image };
}

export type ImageStack = ReturnType<typeof createImageStack>;
