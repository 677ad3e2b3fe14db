import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** What every job names: its item's project and the person whose work it is. */
export interface AnyJob {
  projectId: string;
  /** Missing on older items; then the project stands for the person. */
  personId?: string | undefined;
}

/** The person whose turn a job takes. */
export const personOfJob = ({ personId, projectId }: AnyJob): string => personId ?? projectId;

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
