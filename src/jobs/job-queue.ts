import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type AnyJob, personOfJob } from './job.ts';

/**
 * An SQS queue for jobs of one kind. A job names its item; the item says whether work is left. The person is the
 * message group, so that SQS delivers fairly between people:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
 */
export function createJobQueue<Job extends AnyJob>({
  sqs,
  queueUrl,
}: {
  sqs: Pick<SQSClient, 'send'>;
  queueUrl: string;
}) {
  return {
    queueUrl,

    /** A delayed job becomes visible after that many seconds. */
    async send(job: Job, delaySeconds?: number) {
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: JSON.stringify(job),
          MessageGroupId: personOfJob(job),
          ...(delaySeconds === undefined ? {} : { DelaySeconds: delaySeconds }),
        }),
      );
    },

    /** Makes a received message visible again after that many seconds. */
    async changeVisibility(receiptHandle: string, seconds: number) {
      await sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: queueUrl,
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: seconds,
        }),
      );
    },

    async check() {
      await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }));
    },
  };
}

export type JobQueue<Job extends AnyJob> = ReturnType<typeof createJobQueue<Job>>;
