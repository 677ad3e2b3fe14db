import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { AwsSettings } from './settings.ts';

export function createEventBridge({ region, eventBridge: { endpoint } }: AwsSettings) {
  return new EventBridgeClient({
    region,
    ...(endpoint ? { endpoint } : {}),
    maxAttempts: 3,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 2000,
      requestTimeout: 10_000, // within the lease of a delivery
      throwOnRequestTimeout: true,
    }),
  });
}
