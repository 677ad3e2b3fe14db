import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** An SQS queue of jobs of one kind. A job names what is to be done; the record says whether it still is. */
export function createJobQueue<Job>({ sqs, queueUrl }: { sqs: Pick<SQSClient, 'send'>; queueUrl: string }) {
  return {
    queueUrl,

    /** A delayed job is seen by nobody for so many seconds. */
    async send(job: Job, delaySeconds?: number) {
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: JSON.stringify(job),
          ...(delaySeconds === undefined ? {} : { DelaySeconds: delaySeconds }),
        }),
      );
    },

    /** Makes a received message visible again in so many seconds. */
    async showAgain(receiptHandle: string, seconds: number) {
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

export type JobQueue<Job> = ReturnType<typeof createJobQueue<Job>>;
