import type { Metrics } from '../runtime/metrics.ts';
import { inRootSpan, preciseNow, type Tracer } from '../runtime/trace.ts';
import type { Sending } from './job.ts';
import { describeQueue, nameOfQueue } from './job-queue.ts';

interface Handled {
  tracer: Tracer | undefined;
  metrics: Metrics;
  queueUrl: string;
  sent: Sending;
  /** When this process received the message, in milliseconds since the epoch. */
  arrivedAt: number;
}

/**
 * Measures how long the job of a message waited, and runs it in a span of the trace that sent it, beside spans of the time
 * that it waited in the queue and here.
 */
export function traceJob<T>(
  { tracer, metrics, queueUrl, sent, arrivedAt }: Handled,
  work: () => Promise<T>,
): Promise<T> {
  const waitedMs = sent.sentAt === undefined ? undefined : Math.max(0, preciseNow() - sent.sentAt);
  if (waitedMs !== undefined)
    metrics.observe('paperlift_queue_wait_seconds', { queue: nameOfQueue(queueUrl) }, waitedMs / 1000);
  const { name, attributes } = describeQueue(queueUrl, 'process');
  return inRootSpan(tracer, name, { kind: 'consumer', parent: sent.traceparent, attributes }, (span) => {
    if (sent.sentAt !== undefined) {
      const startedAt = Math.min(sent.sentAt, arrivedAt); // another machine's clock
      span?.startChild('queue', { startedAt }).end(arrivedAt);
    }
    span?.startChild('turn', { startedAt: arrivedAt }).end();
    return work();
  });
}
