import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

const fourteenDays = String(14 * 24 * 3600);
const maxReceiveCount = 20;

/** Creates each queue and its dead-letter queue, which takes messages that were received twenty times. */
export async function setUpQueues({
  sqs,
  queueUrls,
  say,
}: {
  sqs: SQSClient;
  queueUrls: string[];
  say: (line: string) => void;
}): Promise<void> {
  for (const queueUrl of queueUrls) {
    const name = new URL(queueUrl).pathname.split('/').at(-1) as string;
    const dead = await setUpQueue(`${name}-dead`, {});
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: dead.url, AttributeNames: ['QueueArn'] }),
    );
    const deadLetterTargetArn = Attributes?.QueueArn;
    const { made } = await setUpQueue(name, {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount }),
    });
    say(
      `queue ${name}: ${made ? 'created' : 'exists'}, with dead-letter queue ${name}-dead after ${maxReceiveCount} attempts`,
    );
  }

  async function setUpQueue(name: string, attributes: Record<string, string>) {
    const found = await findQueue(name);
    const url = found ?? (await sqs.send(new CreateQueueCommand({ QueueName: name }))).QueueUrl;
    await sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl: url,
        Attributes: { MessageRetentionPeriod: fourteenDays, ...attributes },
      }),
    );
    return { url, made: found === undefined };
  }

  async function findQueue(name: string): Promise<string | undefined> {
    try {
      return (await sqs.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl;
    } catch (error) {
      const known = ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'];
      if (known.includes((error as Error).name)) return undefined;
      throw error;
    }
  }
}
