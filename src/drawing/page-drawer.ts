// Draws pages in a child process, one for each file, which is restarted when it crashes or times out.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { getCompileCacheDir } from 'node:module';
import { dirname, extname, join } from 'node:path';
import * as z from 'zod';
import { inSpan, preciseNow, type Span } from '../runtime/trace.ts';
import { type Drawable, DrawingError } from './drawable.ts';
import {
  type DrawingAnswer,
  type DrawingRequest,
  type DrawingStep,
  type DrawingTask,
  drawingFaults,
  drawingSteps,
  tooLargeSignal,
} from './drawing.messages.ts';

interface Options {
  /** The time limit for one page. */
  pageMs?: number;
  /** Another program in tests. */
  program?: string;
}

/** The process crashed, or was ended at its time limit (`isLate`). */
export class DrawingEndedError extends Error {
  override name = 'DrawingEndedError';
  readonly isLate: boolean;
  constructor(isLate: boolean, how: string) {
    super(`The process that draws pages ${how}`);
    this.isLate = isLate;
  }
}

const step = z.object({ name: z.enum(drawingSteps), startedAt: z.number(), endedAt: z.number() });
const steps = z.array(step).max(4).optional().catch(undefined);

/** The process may have been taken over by the file that it reads. */
const drawingAnswer: z.ZodType<DrawingAnswer> = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('opened'), pageCount: z.number().int(), steps }),
  z.object({ outcome: z.literal('text'), isReal: z.boolean(), steps }),
  z.object({ outcome: z.literal('copied'), steps }),
  z.object({ outcome: z.literal('drawn'), hadText: z.boolean(), steps }),
  z.object({ outcome: z.literal('refused'), fault: z.enum(drawingFaults), detail: z.string(), steps }),
]);

/** A file opened for drawing. */
export type OpenedFile = Drawable & { close(): Promise<void> };

// in a bundle, the program lies beside this file
const ownProgram = join(import.meta.dirname, `draw-pages.process${extname(import.meta.filename)}`);

/** The folder of this version of Node, below the one that the environment names. Sources are compiled anew without it. */
const compileCache = getCompileCacheDir();

export function createPageDrawer({ pageMs = 30_000, program = ownProgram }: Options = {}) {
  /**
   * `folder` is removed when this process is killed. Throws DrawingError for what cannot be drawn, DrawingEndedError
   * when the child process ends twice, and the reason of `signal` as soon as it aborts.
   */
  async function open(
    path: string,
    type: string,
    { folder, signal }: { folder?: string; signal?: AbortSignal } = {},
  ): Promise<OpenedFile> {
    const limits = { withinMs: pageMs, signal };
    const textLimits = { withinMs: pageMs / 3, signal };
    let child: ChildProcess | undefined;

    async function start(): Promise<number> {
      // a process group of its own, so that signals to the worker's group do not reach it
      child = spawn(process.execPath, [program, ...(folder ? [folder] : [])], {
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        env: compileCache ? { NODE_COMPILE_CACHE: dirname(compileCache) } : {},
        detached: true,
      });
      child.on('error', () => {}); // also when no call is waiting
      const answer = await ask(child, { do: 'open', path, type }, limits);
      return answer.outcome === 'opened' ? answer.pageCount : 0;
    }

    async function end() {
      const ending = child;
      child = undefined;
      if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
      const ended = once(ending, 'exit');
      ending.kill('SIGKILL');
      await ended;
    }

    /** Retries once after a crash, which may have been the process's own fault; not after a timeout. */
    async function persist<T>(attempt: () => Promise<T>): Promise<T> {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof DrawingEndedError)) throw error;
        await end();
        if (error.isLate) throw error;
      }
      try {
        return await attempt();
      } catch (error) {
        if (error instanceof DrawingEndedError) await end();
        throw error;
      }
    }

    try {
      const pageCount = await persist(start);
      return {
        pageCount,
        close: end,
        async copyPages(numbers, to) {
          if (!child) await start();
          await ask(child as unknown as ChildProcess, { do: 'copyPages', numbers, path: to }, limits);
        },
        takeText: async (number, to) => {
          if (!child) await start();
          const answer = await ask(
            child as unknown as ChildProcess,
            { do: 'takeText', number, path: to },
            textLimits,
          ).catch(async (error) => {
            if (!(error instanceof DrawingEndedError)) throw error;
            await end(); // the page may be drawn all the same
          });
          return answer?.outcome === 'text' && answer.isReal;
        },
        draw: (number, to, use = 'reading') =>
          persist(async () => {
            if (!child) await start();
            const drawing = child as unknown as ChildProcess;
            const answer = await ask(drawing, { do: 'draw', number, path: to, use }, limits);
            return { hadText: answer.outcome === 'drawn' && answer.hadText };
          }),
      };
    } catch (error) {
      await end();
      throw error;
    }
  }

  return { open };
}

export type PageDrawer = ReturnType<typeof createPageDrawer>;

type AskLimits = { withinMs: number; signal: AbortSignal | undefined };

/** The child cannot send spans, having neither network nor credentials: it says how long its steps took. */
function ask(child: ChildProcess, request: DrawingTask, limits: AskLimits): Promise<DrawingAnswer> {
  return inSpan(`drawing ${request.do}`, async (span) => {
    const askedAt = preciseNow();
    const answer = await send(child, { ...request, traceparent: span?.traceparent }, limits);
    if (span) recordSteps(span, answer.steps ?? [], askedAt);
    if (answer.outcome === 'refused') throw new DrawingError(answer.fault, answer.detail);
    return answer;
  });
}

function recordSteps(span: Span, steps: DrawingStep[], askedAt: number) {
  const within = (time: number) => Math.min(Math.max(time, askedAt), preciseNow());
  for (const { name, startedAt, endedAt } of steps)
    span.startChild(`drawing process: ${name}`, { startedAt: within(startedAt) }).end(within(endedAt));
}

async function send(
  child: ChildProcess,
  request: DrawingRequest,
  { withinMs, signal }: AskLimits,
): Promise<DrawingAnswer> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<DrawingAnswer>();
  const onMessage = (message: unknown) => resolve(drawingAnswer.parse(message));
  const onExit = (code: number | null, signal: string | null) =>
    reject(
      signal === tooLargeSignal
        ? new DrawingError('page-too-costly', 'the process took too much memory')
        : new DrawingEndedError(false, `ended: ${signal ?? code}`),
    );
  const onError = (error: Error) => reject(new DrawingEndedError(false, `did not start: ${error.message}`));
  const onAbort = () => reject(signal?.reason);
  const timer = setTimeout(() => reject(new DrawingEndedError(true, 'timed out')), withinMs);
  signal?.addEventListener('abort', onAbort);
  child.once('message', onMessage).once('exit', onExit).once('error', onError);
  child.send(request, (error) => error && onError(error));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    child.off('message', onMessage).off('exit', onExit).off('error', onError);
  }
}
