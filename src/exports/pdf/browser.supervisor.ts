// Keeps one headless browser running. Jobs run one after another. A browser that crashed, hung, failed a job or served
// its number of jobs is replaced.
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser } from 'puppeteer-core';
import { currentSpan, inSpan, preciseNow } from '../../runtime/trace.ts';
import {
  type BrowserProcess,
  lacksSandbox,
  removeAbandonedProfiles,
  startBrowser,
} from './browser.process.ts';
import type { ChromiumProgram } from './packaged-chromium.ts';
import { PdfRenderError } from './pdf-render.error.ts';

const healthMs = 3000;

export interface BrowserSupervisorOptions {
  /** Finds the browser. Called before each start until it succeeds; then the result is kept. */
  findChromium: () => Promise<ChromiumProgram>;
  /** After this many jobs the browser is replaced by one with a fresh profile. */
  jobsPerBrowser?: number;
  /** Milliseconds that a browser may take to close before its process group is killed. */
  graceMs?: number;
  /**
   * Whether the browser should have a sandbox, until it reports that none is available. Chromium refuses one as root.
   */
  sandbox?: boolean;
}

export type BrowserSupervisor = ReturnType<typeof createBrowserSupervisor>;

/** Starts the browser at first use. `close` ends it and rejects further jobs. */
export function createBrowserSupervisor(options: BrowserSupervisorOptions) {
  const { findChromium, jobsPerBrowser = 50, graceMs = 2000 } = options;
  let program: ChromiumProgram | undefined;
  let { sandbox = process.getuid?.() !== 0 } = options;
  let current: BrowserProcess | undefined;
  let jobsServed = 0;
  let starts = 0;
  let queue: Promise<unknown> = Promise.resolve();
  const closing = new AbortController();

  /**
   * Runs a job with the browser, after earlier jobs. The deadline (milliseconds) starts with the job and includes
   * starting the browser. At the deadline, and when `signal` aborts, the browser is killed. Throws PdfRenderError
   * `deadline`, `crashed`, `closed` or `no-browser`, the signal's reason, and errors of the job.
   */
  function run<T>(
    job: (browser: Browser, signal: AbortSignal) => Promise<T>,
    limits: { deadlineMs: number; signal?: AbortSignal | undefined },
  ): Promise<T> {
    const askedAt = preciseNow();
    const result = queue.then(() => {
      currentSpan()?.startChild('chromium turn', { startedAt: askedAt }).end();
      return inSpan('chromium', () => runNow(job, limits));
    });
    queue = result.catch(() => {});
    return result;
  }

  async function runNow<T>(
    job: (browser: Browser, signal: AbortSignal) => Promise<T>,
    { deadlineMs, signal: givenUp }: { deadlineMs: number; signal?: AbortSignal | undefined },
  ) {
    const ending = new AbortController();
    const signal = AbortSignal.any([ending.signal, closing.signal, ...(givenUp ? [givenUp] : [])]);
    signal.throwIfAborted();
    const timer = setTimeout(() => {
      ending.abort(new PdfRenderError('deadline', `The PDF took longer than ${deadlineMs / 1000} seconds.`));
    }, deadlineMs);
    const onDisconnected = () => {
      ending.abort(new PdfRenderError('crashed', 'The browser stopped while creating the PDF.'));
    };
    try {
      return await untilAborted(signal, async () => {
        const { browser } = await inSpan('chromium ready', () => readyBrowser(signal));
        browser.once('disconnected', onDisconnected);
        jobsServed += 1;
        return await job(browser, signal);
      });
    } catch (error) {
      await stop(0);
      throw error;
    } finally {
      clearTimeout(timer);
      current?.browser.off('disconnected', onDisconnected);
    }
  }

  async function readyBrowser(signal: AbortSignal): Promise<BrowserProcess> {
    if (current && jobsServed >= jobsPerBrowser) await stop(graceMs);
    if (current && !(await isHealthy(current.browser))) await stop(0);
    if (!current) {
      const started = await start(signal);
      if (signal.aborted) {
        await started.stop(0);
        throw signal.reason;
      }
      current = started;
      jobsServed = 0;
      starts += 1;
    }
    return current;
  }

  async function start(signal: AbortSignal): Promise<BrowserProcess> {
    try {
      if (!program) await removeAbandonedProfiles();
      program ??= await findChromium();
      return await startBrowser(program, { signal, sandbox });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (sandbox && program && (await lacksSandbox(program))) {
        sandbox = false;
        return start(signal);
      }
      if (error instanceof PdfRenderError) throw error;
      throw new PdfRenderError('no-browser', 'The browser for PDFs did not start.', { cause: error });
    }
  }

  async function stop(grace: number): Promise<void> {
    const stopping = current;
    current = undefined;
    await stopping?.stop(grace);
  }

  /** Fails the job in flight (`closed`), ends the browser and rejects further jobs. */
  async function close(): Promise<void> {
    closing.abort(closedError());
    await queue;
    await stop(graceMs);
  }

  return {
    run,
    close,
    /** For the log and for tests: the browser's process group, the number of starts, its sandbox. */
    state: () => ({ pid: current?.pid, starts, sandbox }),
  };
}

/** Asks the browser: one that ended or hangs does not answer, even if its end was not noticed yet. */
async function isHealthy(browser: Browser): Promise<boolean> {
  if (!browser.connected) return false;
  const answered = askSomething(browser).then(
    () => true,
    () => false,
  );
  const patience = new AbortController();
  const gaveUp = delay(healthMs, false, { signal: patience.signal }).catch(() => false);
  return await Promise.race([answered, gaveUp]).finally(() => patience.abort());
}

async function askSomething(browser: Browser): Promise<void> {
  const session = await browser.target().createCDPSession();
  await session.detach();
}

function closedError() {
  return new PdfRenderError('closed', 'Paperlift is shutting down.');
}

/** The work's result, or the signal's reason as soon as it aborts; the result is then ignored. */
async function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(), aborted.promise]);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
