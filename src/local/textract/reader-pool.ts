// Keeps a few reading threads warm, gives each one document at a time, and replaces a thread that crashes or hangs.
import { Worker } from 'node:worker_threads';
import type { ReaderSettings } from './engine/reader-set.ts';
import { OcrBusyError, OcrFailedError, UnreadableDocumentError } from './ocr.errors.ts';
import type { TextLine } from './text-line.ts';

export type ThreadSettings = ReaderSettings;

export interface ThreadJob {
  document: Uint8Array;
  /** BCP 47 tags; undefined for those of the settings. */
  languages?: string[];
}

interface ReadOptions {
  signal?: AbortSignal;
  /** Documents of one group take turns with those of the others. */
  group?: string;
  languages?: string[];
}

export type ThreadAnswer =
  | { kind: 'ready' }
  | { kind: 'read'; lines: TextLine[] }
  | { kind: 'unreadable'; reason: string }
  | { kind: 'failed'; reason: string };

interface Job extends ThreadJob {
  group: string;
  settle(result: TextLine[] | Error): void;
  /** Ends the wait in the queue. */
  leaveQueue(): void;
}

interface Thread {
  worker: Worker;
  ready: boolean;
  job?: Job;
  deadline?: NodeJS.Timeout;
}

interface PoolLogger {
  warn(detail: object, message: string): void;
}

const slowestRestartMs = 30_000;

/**
 * Starts the threads. `read` answers a document's lines in reading order; it throws UnreadableDocumentError for a broken
 * image, OcrBusyError when `queueLimit` documents wait already or the wait exceeds `waitMs`, OcrFailedError when
 * the thread dies on the document or needs longer than `deadlineMs`, and the signal's reason when it aborts in the queue.
 */
export function createReaderPool(options: {
  threads: number;
  settings: ThreadSettings;
  queueLimit?: number;
  waitMs?: number;
  deadlineMs?: number;
  logger?: PoolLogger;
  threadFile?: URL;
}) {
  const { settings, logger } = options;
  const queueLimit = options.queueLimit ?? options.threads * 32;
  const waitMs = options.waitMs ?? 60_000;
  const deadlineMs = options.deadlineMs ?? 45_000;
  const threadFile = options.threadFile ?? new URL('./reader.thread.ts', import.meta.url);
  const threads = new Set<Thread>();
  const restarts = new Set<NodeJS.Timeout>();
  const queue: Job[] = [];
  let lastGroups: string[] = [];
  let failuresInARow = 0;
  let closed = false;

  function start(): void {
    const thread: Thread = { worker: new Worker(threadFile, { workerData: settings }), ready: false };
    threads.add(thread);
    thread.worker.on('message', (answer: ThreadAnswer) => receive(thread, answer));
    thread.worker.on('error', (error) => replace(thread, String(error)));
    thread.worker.on('exit', (code) => replace(thread, `the thread exited with code ${code}`));
  }

  function receive(thread: Thread, answer: ThreadAnswer): void {
    if (!threads.has(thread)) return;
    if (answer.kind === 'failed') {
      replace(thread, answer.reason);
      return;
    }
    failuresInARow = 0;
    thread.ready = true;
    const job = thread.job;
    clearTimeout(thread.deadline);
    thread.job = undefined;
    if (answer.kind === 'read') job?.settle(answer.lines);
    if (answer.kind === 'unreadable') job?.settle(new UnreadableDocumentError(answer.reason));
    next();
  }

  function replace(thread: Thread, reason: string): void {
    if (!threads.delete(thread) || closed) return;
    logger?.warn({ reason }, 'A reading thread failed and is being replaced');
    clearTimeout(thread.deadline);
    void thread.worker.terminate();
    thread.job?.settle(new OcrFailedError(reason));
    const pause = thread.ready ? 0 : Math.min(slowestRestartMs, 250 * 2 ** failuresInARow++);
    const restart = setTimeout(() => {
      restarts.delete(restart);
      start();
    }, pause);
    restarts.add(restart);
  }

  /** Of the group that has the fewest threads; of several, of the one whose last turn is longest ago. */
  function takeNext(): Job {
    const threadsOf = (group: string) => [...threads].filter(({ job }) => job?.group === group).length;
    const lastTurnOf = (group: string) => lastGroups.lastIndexOf(group);
    const compare = (one: string, other: string) =>
      threadsOf(one) - threadsOf(other) || lastTurnOf(one) - lastTurnOf(other);
    const job = queue.reduce((best, other) => (compare(other.group, best.group) < 0 ? other : best));
    queue.splice(queue.indexOf(job), 1);
    lastGroups = [...lastGroups.filter((group) => group !== job.group), job.group].slice(-queueLimit);
    return job;
  }

  function next(): void {
    for (const thread of threads) {
      if (queue.length === 0) return;
      if (!thread.ready || thread.job) continue;
      const job = takeNext();
      job.leaveQueue();
      thread.job = job;
      thread.deadline = setTimeout(() => replace(thread, `no result within ${deadlineMs} ms`), deadlineMs);
      const { document, languages } = job;
      thread.worker.postMessage({ document, languages } satisfies ThreadJob);
    }
  }

  for (let count = 0; count < options.threads; count++) start();

  return {
    async read(document: Uint8Array, options: ReadOptions = {}): Promise<TextLine[]> {
      const { signal, group = '', languages } = options;
      signal?.throwIfAborted();
      if (closed) throw new OcrBusyError('the pool is closed');
      if (queue.length >= queueLimit) throw new OcrBusyError(`${queue.length} documents are already waiting`);
      return new Promise((resolve, reject) => {
        const cancel = (reason: unknown) => {
          const at = queue.indexOf(job);
          if (at < 0) return;
          queue.splice(at, 1);
          job.leaveQueue();
          reject(reason);
        };
        const tooLong = setTimeout(
          () => cancel(new OcrBusyError(`no thread was free within ${waitMs} ms`)),
          waitMs,
        );
        const aborted = () => cancel(signal?.reason);
        const job: Job = {
          document,
          languages,
          group,
          settle: (result) => (result instanceof Error ? reject(result) : resolve(result)),
          leaveQueue() {
            clearTimeout(tooLong);
            signal?.removeEventListener('abort', aborted);
          },
        };
        signal?.addEventListener('abort', aborted, { once: true });
        queue.push(job);
        next();
      });
    },

    /** How many threads are warm, how many documents are being read and how many wait. */
    state() {
      const all = [...threads];
      return {
        ready: all.filter((thread) => thread.ready).length,
        reading: all.filter((thread) => thread.job).length,
        waiting: queue.length,
      };
    },

    /** Ends the threads; documents still unread are refused. */
    async close(): Promise<void> {
      closed = true;
      for (const restart of restarts) clearTimeout(restart);
      for (const job of queue.splice(0)) {
        job.leaveQueue();
        job.settle(new OcrBusyError('the pool is closed'));
      }
      const ended = [...threads].map((thread) => {
        clearTimeout(thread.deadline);
        thread.job?.settle(new OcrFailedError('the pool is closed'));
        return thread.worker.terminate();
      });
      threads.clear();
      await Promise.all(ended);
    },
  };
}

export type Ocr = Pick<ReturnType<typeof createReaderPool>, 'read' | 'state'>;
