// Reads what a sender sends, and looks at how fast it comes. Only the waiting for the sender counts: S3's time does not.
import type { Readable } from 'node:stream';
import { PaperliftError } from '../errors.ts';

export interface SenderLimits {
  /** A sender is slow that made us wait this long, and sent less than this a second of it. */
  slow: { afterMs: number; belowBytesPerSecond: number };
  /** And too slow, that sent nothing for so long, or next to nothing for longer. */
  tooSlow: { silentMs: number; afterMs: number; belowBytesPerSecond: number };
}

export const senderLimits: SenderLimits = {
  slow: { afterMs: 1000, belowBytesPerSecond: 1024 * 1024 },
  tooSlow: { silentMs: 30_000, afterMs: 60_000, belowBytesPerSecond: 4096 },
};

interface Options {
  signal: AbortSignal;
  /** Called again and again while the sender is slow. */
  onSlow: () => void;
  limits: SenderLimits;
}

/**
 * The chunks of a body. Throws what the body or the signal throws, at once even while nothing comes, and a
 * `form-too-slow` error. The body stays open: who reads a form wants its rest.
 */
export async function* readFromSender(body: Readable, { signal, onSlow, limits }: Options) {
  const chunks = body.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  const giveUp = new AbortController();
  const ended = AbortSignal.any([signal, giveUp.signal]);
  let received = 0;
  let waitedMs = 0;
  let waitingSince: number | undefined;

  const watch = setInterval(
    () => {
      if (waitingSince === undefined) return;
      const silentMs = performance.now() - waitingSince;
      const totalMs = waitedMs + silentMs;
      const sentLess = ({ afterMs, belowBytesPerSecond }: SenderLimits['slow']) =>
        totalMs >= afterMs && received < (totalMs / 1000) * belowBytesPerSecond;
      if (sentLess(limits.slow)) onSlow();
      if (silentMs >= limits.tooSlow.silentMs || sentLess(limits.tooSlow)) giveUp.abort(tooSlow());
    },
    Math.min(250, limits.slow.afterMs),
  );
  try {
    for (;;) {
      ended.throwIfAborted();
      waitingSince = performance.now();
      const { done, value } = await unlessAborted(ended, chunks.next());
      waitedMs += performance.now() - waitingSince;
      waitingSince = undefined;
      if (done) return;
      received += value.length;
      yield value;
    }
  } finally {
    clearInterval(watch);
    // Lets go of the body, or nobody could read its rest. Not awaited: it waits for a chunk that was asked for already.
    chunks.return?.().catch(() => {});
  }
}

/**
 * Not `Promise.race` with one promise of the abort: such a promise keeps the outcome of every race, so each chunk, for as
 * long as it lives itself.
 */
function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function tooSlow() {
  return new PaperliftError('invalid', {
    code: 'form-too-slow',
    message: 'Upload failed: the connection was too slow or stalled. Nothing was saved.',
    hint: 'Check your connection, then upload again.',
  });
}
