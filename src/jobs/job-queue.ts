import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** What every job says: where its item is, and whose work it is. */
export interface AnyJob {
  projectId: string;
  /** Items from before people were noted have none; then the project stands for its person. */
  personId?: string | undefined;
}

/** Whose turn a job uses up. */
export const personOfJob = ({ personId, projectId }: AnyJob): string => personId ?? projectId;

/**
 * An SQS queue of jobs of one kind. A job names what is to be done; the record says whether it still is. The person is the
 * message's group, so that SQS itself delivers fairly between people:
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

    /** A delayed job is seen by nobody for so many seconds. */
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

    /** Makes a received message visible again in so many seconds. */
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
