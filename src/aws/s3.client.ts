import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { reportOutages } from './outages.ts';
import type { AwsSettings } from './settings.ts';

type Common = Pick<S3ClientConfig, 'region' | 'endpoint' | 'requestHandler'>;

export function createS3(common: Common) {
  return reportOutages(new S3Client({ ...common, forcePathStyle: Boolean(common.endpoint) }), 'storage');
}

/** For signing URLs only. It does not see the body, so it must not sign a checksum of it. */
export function createSigningS3({ region, s3 }: Pick<AwsSettings, 'region' | 's3'>) {
  return new S3Client({
    region,
    ...(s3.publicEndpoint ? { endpoint: s3.publicEndpoint, forcePathStyle: true } : {}),
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
}
