import * as z from 'zod';
import { parseMessage } from '../jobs/job.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { JobHandler, JobOutcome } from '../jobs/queue-poller.ts';
import { traceJob } from '../jobs/trace-job.ts';
import type { Logger } from '../runtime/logger.ts';
import { createMetrics, type Metrics } from '../runtime/metrics.ts';
import { preciseNow, type Tracer } from '../runtime/trace.ts';

const sqsEvent = z.object({
  Records: z.array(
    z.object({
      messageId: z.string(),
      receiptHandle: z.string(),
      body: z.string(),
      eventSourceARN: z.string(),
    }),
  ),
});

type SqsRecord = z.infer<typeof sqsEvent>['Records'][number];

interface Dependencies {
  queues: { queue: JobQueue<never>; handle: JobHandler }[];
  logger: Logger;
  tracer?: Tracer | undefined;
  metrics?: Metrics;
}

/**
 * Handles an SQS event with `ReportBatchItemFailures`: messages that are not done are reported and become visible
 * again. `signal` aborts when the function's time is nearly up, and held work is released.
 */
export function createSqsHandler({ queues, logger, tracer, metrics = createMetrics() }: Dependencies) {
  async function handleRecord(record: SqsRecord, signal: AbortSignal): Promise<boolean> {
    const name = record.eventSourceARN.split(':').at(-1);
    const source = queues.find(({ queue }) => queue.queueUrl.endsWith(`/${name}`));
    if (!source) throw new Error(`No handler for queue ${name}`);
    const { job, sent } = parseMessage(record.body);
    const { queue, handle } = source;
    return traceJob(
      { tracer, metrics, queueUrl: queue.queueUrl, sent, arrivedAt: preciseNow() },
      async () => {
        const outcome: JobOutcome = await handle(job, signal);
        if (!outcome.done) await queue.changeVisibility(record.receiptHandle, outcome.againInSeconds);
        return outcome.done;
      },
    );
  }

  return async (event: unknown, signal = new AbortController().signal) => {
    const { Records } = sqsEvent.parse(event);
    const isDone = await Promise.all(
      Records.map((record) =>
        handleRecord(record, signal).catch((error) => {
          logger.error({ err: error, messageId: record.messageId }, 'a job failed unexpectedly');
          return false;
        }),
      ),
    );
    return {
      batchItemFailures: Records.filter((_, index) => !isDone[index]).map(({ messageId }) => ({
        itemIdentifier: messageId,
      })),
    };
  };
}
