import { TranslateClient } from '@aws-sdk/client-translate';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { AwsSettings } from './settings.ts';

export function createTranslate({ region, translate: { endpoint } }: AwsSettings) {
  return new TranslateClient({
    region,
    ...(endpoint ? { endpoint } : {}),
    maxAttempts: 6,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 2000,
      requestTimeout: 30_000,
      throwOnRequestTimeout: true,
    }),
  });
}
