// Keeps a few reading processes warm, gives each one document at a time, and replaces one that crashes or hangs. Processes, not threads: a thread
// cannot be ended inside ONNX Runtime without ending the whole program.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ReaderSettings } from './engine/reader-set.ts';
import { OcrBusyError, OcrFailedError, UnreadableDocumentError } from './ocr.errors.ts';
import type { TextLine } from './text-line.ts';

export interface ReaderJob {
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

export type ReaderAnswer =
  | { kind: 'ready' }
  | { kind: 'read'; lines: TextLine[] }
  | { kind: 'unreadable'; reason: string }
  | { kind: 'failed'; reason: string };

interface Job extends ReaderJob {
  group: string;
  settle(result: TextLine[] | Error): void;
  /** Ends the wait in the queue. */
  leaveQueue(): void;
}

interface Reader {
  process: ChildProcess;
  ready: boolean;
  job?: Job;
  deadline?: NodeJS.Timeout;
}

interface PoolLogger {
  warn(detail: object, message: string): void;
}

const slowestRestartMs = 30_000;

/**
 * glibc keeps what a page's largest arrays took, in a heap for each thread, and V8 what its objects did (docs/decisions/0050). Arrays
 * of a line stay in one heap, which is fast; those of a page go back to the system. Other C libraries ignore these variables.
 */
const frugal = {
  env: {
    MALLOC_ARENA_MAX: '1',
    MALLOC_MMAP_THRESHOLD_: String(4 * 1024 * 1024),
    MALLOC_TRIM_THRESHOLD_: String(16 * 1024 * 1024),
  },
  execArgv: ['--max-semi-space-size=2', '--expose-gc'],
};

/**
 * Starts the readers. `read` answers a document's lines in reading order; it throws UnreadableDocumentError for a broken
 * image, OcrBusyError when `queueLimit` documents wait already or the wait exceeds `waitMs`, OcrFailedError when
 * the reader dies on the document or needs longer than `deadlineMs`, and the signal's reason when it aborts in the queue.
 */
export function createReaderPool(options: {
  readers: number;
  settings: ReaderSettings;
  queueLimit?: number;
  waitMs?: number;
  deadlineMs?: number;
  logger?: PoolLogger;
  processFile?: URL;
}) {
  const { settings, logger } = options;
  const queueLimit = options.queueLimit ?? options.readers * 32;
  const waitMs = options.waitMs ?? 60_000;
  const deadlineMs = options.deadlineMs ?? 45_000;
  const processFile = options.processFile ?? new URL('./reader.process.ts', import.meta.url);
  const readers = new Set<Reader>();
  const restarts = new Set<NodeJS.Timeout>();
  const queue: Job[] = [];
  let lastGroups: string[] = [];
  let failuresInARow = 0;
  let closed = false;

  function start(): void {
    const child = fork(fileURLToPath(processFile), [JSON.stringify(settings)], {
      serialization: 'advanced',
      execArgv: frugal.execArgv,
      env: { ...process.env, ...frugal.env },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const reader: Reader = { process: child, ready: false };
    readers.add(reader);
    child.on('message', (answer: ReaderAnswer) => receive(reader, answer));
    child.on('error', (error) => replace(reader, String(error)));
    child.on('exit', (code, signal) => replace(reader, `the process ended with ${signal ?? code}`));
  }

  function receive(reader: Reader, answer: ReaderAnswer): void {
    if (!readers.has(reader)) return;
    if (answer.kind === 'failed') {
      replace(reader, answer.reason);
      return;
    }
    failuresInARow = 0;
    reader.ready = true;
    const job = reader.job;
    clearTimeout(reader.deadline);
    reader.job = undefined;
    if (answer.kind === 'read') job?.settle(answer.lines);
    if (answer.kind === 'unreadable') job?.settle(new UnreadableDocumentError(answer.reason));
    next();
  }

  function replace(reader: Reader, reason: string): void {
    if (!readers.delete(reader) || closed) return;
    logger?.warn({ reason }, 'A reading process failed and is being replaced');
    clearTimeout(reader.deadline);
    reader.process.kill('SIGKILL');
    reader.job?.settle(new OcrFailedError(reason));
    const pause = reader.ready ? 0 : Math.min(slowestRestartMs, 250 * 2 ** failuresInARow++);
    const restart = setTimeout(() => {
      restarts.delete(restart);
      start();
    }, pause);
    restarts.add(restart);
  }

  /** Of the group that has the fewest readers; of several, of the one whose last turn is longest ago. */
  function takeNext(): Job {
    const readingOf = (group: string) => [...readers].filter(({ job }) => job?.group === group).length;
    const lastTurnOf = (group: string) => lastGroups.lastIndexOf(group);
    const compare = (one: string, other: string) =>
      readingOf(one) - readingOf(other) || lastTurnOf(one) - lastTurnOf(other);
    const job = queue.reduce((best, other) => (compare(other.group, best.group) < 0 ? other : best));
    queue.splice(queue.indexOf(job), 1);
    lastGroups = [...lastGroups.filter((group) => group !== job.group), job.group].slice(-queueLimit);
    return job;
  }

  function next(): void {
    for (const reader of readers) {
      if (queue.length === 0) return;
      if (!reader.ready || reader.job) continue;
      const job = takeNext();
      job.leaveQueue();
      reader.job = job;
      reader.deadline = setTimeout(() => replace(reader, `no result within ${deadlineMs} ms`), deadlineMs);
      const { document, languages } = job;
      // A process that has just ended is replaced, and its document refused, when it says so.
      reader.process.send({ document, languages } satisfies ReaderJob, () => {});
    }
  }

  for (let count = 0; count < options.readers; count++) start();

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
          () => cancel(new OcrBusyError(`no reader was free within ${waitMs} ms`)),
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

    /** How many readers are warm, how many documents are being read and how many wait. */
    state() {
      const all = [...readers];
      return {
        ready: all.filter((reader) => reader.ready).length,
        reading: all.filter((reader) => reader.job).length,
        waiting: queue.length,
      };
    },

    /** Ends the readers; documents still unread are refused. */
    async close(): Promise<void> {
      closed = true;
      for (const restart of restarts) clearTimeout(restart);
      for (const job of queue.splice(0)) {
        job.leaveQueue();
        job.settle(new OcrBusyError('the pool is closed'));
      }
      const ended = [...readers].map((reader) => {
        clearTimeout(reader.deadline);
        reader.job?.settle(new OcrFailedError('the pool is closed'));
        reader.process.kill('SIGKILL');
        return reader.process.exitCode ?? reader.process.signalCode ?? once(reader.process, 'exit');
      });
      readers.clear();
      await Promise.all(ended);
    },
  };
}

export type Ocr = Pick<ReturnType<typeof createReaderPool>, 'read' | 'state'>;
