// fauxqs goes on with a long poll whose caller is gone, and hands it a message that nobody gets: whoever comes next waits
// for it until its visibility timeout. Here a poll waits no longer than its caller does, as with SQS.
import { once } from 'node:events';
import type { BuildAppOptions, buildApp } from 'fauxqs';

type SqsStore = NonNullable<NonNullable<BuildAppOptions['stores']>['sqsStore']>;

export function endPollsWithTheirCallers(app: ReturnType<typeof buildApp>, sqsStore: SqsStore) {
  app.addHook('preHandler', async (request, reply) => {
    if (request.headers['x-amz-target'] !== 'AmazonSQS.ReceiveMessage') return;
    const input = request.body as { QueueUrl?: string; WaitTimeSeconds?: number };
    const queue = sqsStore.getQueue(input.QueueUrl ?? '');
    const seconds = input.WaitTimeSeconds ?? 0;
    if (!queue || seconds <= 0 || seconds > 20) return;
    queue.processTimers();
    if (queue.messages.length > 0) return;
    input.WaitTimeSeconds = 0; // waited for here instead
    const { socket } = request.raw;
    const over = new AbortController();
    const left = once(socket, 'close', { signal: over.signal }).catch(() => {});
    await Promise.race([queue.waitForMessages(seconds), left]);
    over.abort();
    if (socket.destroyed) reply.hijack();
  });
}
