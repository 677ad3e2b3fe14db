import { inRootSpan, type Tracer } from '../runtime/trace.ts';
import type { Sending } from './job.ts';
import { describeQueue } from './job-queue.ts';

interface Handled {
  tracer: Tracer | undefined;
  queueUrl: string;
  sent: Sending;
  /** When this process received the message, in milliseconds since the epoch. */
  arrivedAt: number;
}

/** Runs the job of a message in a span of the trace that sent it, beside the time that it waited in the queue and here. */
export function traceJob<T>(
  { tracer, queueUrl, sent, arrivedAt }: Handled,
  work: () => Promise<T>,
): Promise<T> {
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
