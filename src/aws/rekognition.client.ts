import { RekognitionClient } from '@aws-sdk/client-rekognition';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { AwsSettings } from './settings.ts';

/** The quota is a few calls a second in most regions, and waiting is cheaper than to prepare the image again. */
const maxAttempts = 8;

export function createRekognition({ region, rekognition: { endpoint } }: AwsSettings) {
  return new RekognitionClient({
    region,
    ...(endpoint ? { endpoint } : {}),
    maxAttempts,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 2000,
      requestTimeout: 30_000,
      throwOnRequestTimeout: true,
    }),
  });
}
