import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { Config } from '../config/config.ts';
import { reportOutages } from './outages.ts';

type Common = Pick<S3ClientConfig, 'region' | 'endpoint' | 'requestHandler'>;

export function createS3(common: Common) {
  return reportOutages(new S3Client({ ...common, forcePathStyle: Boolean(common.endpoint) }), 'storage');
}

/** Signs only, and never calls: a checksum of the body, which it has not seen, must not be part of what it signs. */
export function createSigningS3({ region, s3 }: Config['aws']) {
  return new S3Client({
    region,
    ...(s3.publicEndpoint ? { endpoint: s3.publicEndpoint, forcePathStyle: true } : {}),
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
}
