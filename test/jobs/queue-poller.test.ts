import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { createQueuePoller } from '../../src/jobs/queue-poller.ts';
import { waitFor } from '../support/wait.ts';

/** With nine jobs of one person, of which three may run at once. Timers and the clock move by `pass`. */
function startWithNineJobs(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let ms = 0;
  const messages = Array.from({ length: 9 }, (_, at) => ({
    MessageId: `m${at}`,
    ReceiptHandle: `r${at}`,
    Body: JSON.stringify({ projectId: `p${at}`, personId: 'alice' }),
  }));
  const [began, copied, ends]: [string[], string[], (() => void)[]] = [[], [], []];
  const sqs = {
    async send(command: unknown, { abortSignal }: { abortSignal?: AbortSignal } = {}) {
      if (command instanceof DeleteMessageCommand) return {};
      assert.ok(command instanceof ReceiveMessageCommand);
      if (messages.length > 0) return { Messages: messages.splice(0) };
      return new Promise((_, reject) => abortSignal?.addEventListener('abort', reject));
    },
  };
  const queue = {
    queueUrl: 'pages',
    send: async ({ projectId }: { projectId: string }) => void copied.push(projectId),
    changeVisibility: async () => {},
  };
  const poller = createQueuePoller({
    sqs: sqs as never,
    queue: queue as never,
    async handle(job) {
      began.push((job as { projectId: string }).projectId);
      await new Promise<void>((resolve) => ends.push(resolve));
      return { done: true };
    },
    lanes: [{ atOnce: 4 }],
    visibilitySeconds: 60,
    waitSeconds: 20,
    logger: console as never,
    now: () => ms,
  });
  poller.start();
  return {
    began,
    copied,
    waitForBegun: (count: number) => waitFor('jobs', async () => began.length === count || undefined),
    waitForCopied: (count: number) => waitFor('copies', async () => copied.length === count || undefined),
    endNext: () => ends.shift()?.(),
    /** Also lets what follows from it happen. */
    async pass(more: number) {
      ms += more;
      t.mock.timers.tick(more);
      await new Promise(setImmediate);
    },
    async stop() {
      for (const end of ends) end();
      await poller.stop(1000);
    },
  };
}

test('of a person’s waiting messages as many stay as may run at once, and the others come back later as copies', async (t) => {
  const jobs = startWithNineJobs(t);
  await jobs.waitForBegun(3);
  await jobs.pass(3000);
  await jobs.waitForCopied(3);
  await jobs.pass(3000);
  for (const count of [4, 5, 6]) {
    jobs.endNext();
    await jobs.waitForBegun(count);
  }
  assert.deepEqual(jobs.began.toSorted(), ['p0', 'p1', 'p2', 'p3', 'p4', 'p5']);
  assert.deepEqual(jobs.copied.toSorted(), ['p6', 'p7', 'p8']);
  await jobs.stop();
});

test('what stays at hand is put back after 15 seconds: a job that begins later would have little time', async (t) => {
  const jobs = startWithNineJobs(t);
  await jobs.waitForBegun(3);
  await jobs.pass(3000);
  await jobs.waitForCopied(3);
  for (const seconds of [6, 9, 12]) {
    await jobs.pass(3000);
    assert.equal(jobs.copied.length, 3, `after ${seconds} seconds`);
  }
  await jobs.pass(3000);
  await jobs.waitForCopied(6);
  assert.deepEqual(jobs.began.length, 3);
  await jobs.stop();
});

test('a stop waits for the end of a short request, and puts back what it still brings', async () => {
  const answers: ((answer: object) => void)[] = [];
  const [putBack, worked]: [string[], unknown[]] = [[], []];
  const sqs = {
    send: (_command: unknown, { abortSignal }: { abortSignal?: AbortSignal } = {}) =>
      new Promise((resolve, reject) => {
        answers.push(resolve);
        abortSignal?.addEventListener('abort', reject);
      }),
  };
  const queue = {
    queueUrl: 'pages',
    changeVisibility: async (handle: string, seconds: number) => void putBack.push(`${handle} ${seconds}`),
  };
  const poller = createQueuePoller({
    sqs: sqs as never,
    queue: queue as never,
    handle: async (job) => {
      worked.push(job);
      return { done: true };
    },
    lanes: [{ atOnce: 4 }],
    visibilitySeconds: 60,
    waitSeconds: 1,
    logger: console as never,
  });
  poller.start();
  const stopped = poller.stop(1000);
  answers[0]?.({ Messages: [{ MessageId: 'm', ReceiptHandle: 'r', Body: '{"projectId":"p"}' }] });
  await stopped;
  assert.deepEqual([putBack, worked, answers.length], [['r 0'], [], 1]);
});
