import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { inSpan, preciseNow } from '../runtime/trace.ts';
import { type AnyJob, personOfJob, presentMessage, type Sending } from './job.ts';

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

    /** A delayed job becomes visible after that many seconds. A copy keeps what its original says about its sending. */
    async send(job: Job, delaySeconds?: number, original?: Sending) {
      const send = async (sent: Sending) =>
        sqs.send(
          new SendMessageCommand({
            QueueUrl: queueUrl,
            MessageBody: presentMessage(job, sent),
            MessageGroupId: personOfJob(job),
            ...(delaySeconds === undefined ? {} : { DelaySeconds: delaySeconds }),
          }),
        );
      if (original) return void (await send(original));
      const sentAt = Math.round(preciseNow());
      const sending = describeQueue(queueUrl, 'send');
      await inSpan(sending.name, (span) => send({ traceparent: span?.traceparent, sentAt }), {
        kind: 'producer',
        attributes: sending.attributes,
      });
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

    /** How many messages wait, and how many were received and not deleted. Approximate, as SQS counts. */
    async count() {
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: queueUrl,
          AttributeNames: [
            'ApproximateNumberOfMessages',
            'ApproximateNumberOfMessagesDelayed',
            'ApproximateNumberOfMessagesNotVisible',
          ],
        }),
      );
      const read = (name: keyof NonNullable<typeof Attributes>) => Number(Attributes?.[name] ?? 0);
      return {
        waiting: read('ApproximateNumberOfMessages') + read('ApproximateNumberOfMessagesDelayed'),
        inFlight: read('ApproximateNumberOfMessagesNotVisible'),
      };
    },

    async check() {
      await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }));
    },
  };
}

export type JobQueue<Job extends AnyJob> = ReturnType<typeof createJobQueue<Job>>;

export const nameOfQueue = (queueUrl: string) => queueUrl.slice(queueUrl.lastIndexOf('/') + 1);

/** The name and attributes of a span: https://opentelemetry.io/docs/specs/semconv/messaging/sqs/ */
export function describeQueue(queueUrl: string, operation: 'send' | 'process') {
  const name = nameOfQueue(queueUrl);
  return {
    name: `${operation} ${name}`,
    attributes: {
      'messaging.system': 'aws_sqs',
      'messaging.operation.name': operation,
      'messaging.destination.name': name,
    },
  };
}
