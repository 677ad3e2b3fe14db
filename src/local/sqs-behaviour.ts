// Behaviour of SQS that fauxqs lacks.
import { once } from 'node:events';
import type { BuildAppOptions, buildApp } from 'fauxqs';

type App = ReturnType<typeof buildApp>;
type SqsStore = NonNullable<NonNullable<BuildAppOptions['stores']>['sqsStore']>;

export function behaveLikeSqs(app: App, sqsStore: SqsStore) {
  endPollsWithTheirCallers(app, sqsStore);
  keepWhatCannotBeSent(app, sqsStore);
  giveBackAtOnce(app, sqsStore);
}

/**
 * fauxqs continues a long poll after its caller has left, and gives it a message, which is then hidden until its
 * visibility timeout. Here a poll ends with its caller.
 */
function endPollsWithTheirCallers(app: App, sqsStore: SqsStore) {
  app.addHook('preHandler', async (request, reply) => {
    if (request.headers['x-amz-target'] !== 'AmazonSQS.ReceiveMessage') return;
    const input = request.body as { QueueUrl?: string; WaitTimeSeconds?: number };
    const queue = sqsStore.getQueue(input.QueueUrl ?? '');
    const seconds = input.WaitTimeSeconds ?? 0;
    if (!queue || seconds <= 0 || seconds > 20) return;
    queue.processTimers();
    if (queue.messages.length > 0) return;
    input.WaitTimeSeconds = 0; // the wait happens here instead
    const { socket } = request.raw;
    const over = new AbortController();
    const left = once(socket, 'close', { signal: over.signal }).catch(() => {});
    await Promise.race([queue.waitForMessages(seconds), left]);
    over.abort();
    if (socket.destroyed) reply.hijack();
  });
}

/**
 * Makes messages visible again whose caller left before the response was written. With fauxqs they stay hidden until
 * their visibility timeout.
 */
function keepWhatCannotBeSent(app: App, sqsStore: SqsStore) {
  app.addHook('onSend', async (request, reply, payload) => {
    if (request.headers['x-amz-target'] !== 'AmazonSQS.ReceiveMessage') return;
    const queue = sqsStore.getQueue((request.body as { QueueUrl?: string }).QueueUrl ?? '');
    const { Messages = [] } = JSON.parse(String(payload)) as { Messages?: { ReceiptHandle: string }[] };
    if (!queue || Messages.length === 0) return;
    const response = reply.raw;
    const settle = () => {
      if (response.writableFinished) return;
      for (const { ReceiptHandle } of Messages) queue.changeVisibility(ReceiptHandle, -1);
      queue.processTimers();
    };
    if (response.destroyed) settle();
    else response.once('close', settle);
  });
}

/**
 * Makes a message with a visibility timeout of 0 visible at once. With state on disk fauxqs fails on 0 (it omits a
 * required receive count) and loses the message; expired messages work.
 */
function giveBackAtOnce(app: App, sqsStore: SqsStore) {
  app.addHook('preHandler', async (request, reply) => {
    if (request.headers['x-amz-target'] !== 'AmazonSQS.ChangeMessageVisibility') return;
    const input = request.body as { QueueUrl?: string; ReceiptHandle?: string; VisibilityTimeout?: number };
    const queue = sqsStore.getQueue(input.QueueUrl ?? '');
    const handle = input.ReceiptHandle ?? '';
    if (input.VisibilityTimeout !== 0 || !queue?.inflightMessages.has(handle)) return;
    queue.changeVisibility(handle, -1);
    queue.processTimers();
    return reply.type('application/x-amz-json-1.0').send('{}');
  });
}
