import type { Stack } from 'aws-cdk-lib';
import {
  type MutualAuthentication,
  MutualAuthenticationMode,
  RevocationType,
  TrustStore,
  TrustStoreRevocation,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Deployment } from '../config.ts';

type Settings = NonNullable<NonNullable<Deployment['fargate']>['mutualTls']>;

/**
 * What the load balancer asks of clients: a certificate of these authorities that is not on their revocation lists.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/mutual-authentication.html
 */
export function requireCertificates(stack: Stack, settings: Settings): MutualAuthentication {
  const bucket = Bucket.fromBucketName(stack, 'TrustStoreBucket', settings.bucket);
  const trustStore = new TrustStore(stack, 'TrustStore', {
    bucket,
    key: settings.key,
    ...(settings.version && { version: settings.version }),
  });
  if (settings.revocations.length > 0) {
    new TrustStoreRevocation(stack, 'Revocations', {
      trustStore,
      revocationContents: settings.revocations.map(({ key, version }) => ({
        bucket,
        key,
        revocationType: RevocationType.CRL,
        ...(version && { version }),
      })),
    });
  }
  return {
    mutualAuthenticationMode: MutualAuthenticationMode.VERIFY,
    trustStore,
    ignoreClientCertificateExpiry: false,
  };
}
