// The repository of the image, in a stack of its own because the image is pushed before anything can run it.
import { type App, CfnOutput, Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import {
  CfnSigningConfiguration,
  Repository,
  RepositoryEncryption,
  TagMutability,
} from 'aws-cdk-lib/aws-ecr';
import { Platform, SigningProfile } from 'aws-cdk-lib/aws-signer';
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
  if (deployment.signImages) signImages(stack, repository);
  new CfnOutput(stack, 'RepositoryUri', { value: repository.repositoryUri });
  return { stack, repository, tagOrDigest: deployment.image };
}

export type ImageStack = ReturnType<typeof createImageStack>;

/**
 * ECR signs every image that is pushed, with a key of AWS Signer that no one holds. Who pushes needs signer:SignPayload.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/managed-signing.html
 */
function signImages(stack: Stack, repository: Repository) {
  const profile = new SigningProfile(stack, 'Signer', {
    platform: Platform.NOTATION_OCI_SHA384_ECDSA,
    signatureValidity: Duration.days(135 * 30), // the longest that AWS Signer gives
  });
  profile.applyRemovalPolicy(RemovalPolicy.RETAIN);
  new CfnSigningConfiguration(stack, 'Signing', {
    rules: [
      {
        signingProfileArn: profile.signingProfileArn,
        repositoryFilters: [{ filter: repository.repositoryName, filterType: 'WILDCARD_MATCH' }],
      },
    ],
  });
  new CfnOutput(stack, 'SigningProfileArn', { value: profile.signingProfileArn });
}
