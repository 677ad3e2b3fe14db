import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { reportOutages } from './outages.ts';

export function createSqs(common: Pick<SQSClientConfig, 'region' | 'endpoint' | 'requestHandler'>) {
  return reportOutages(new SQSClient({ ...common, useQueueUrlAsEndpoint: !common.endpoint }), 'queue');
}
