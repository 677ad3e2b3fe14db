// Reads from a sender and measures its speed. Only time spent waiting for the sender counts; S3's does not.
import type { Readable } from 'node:stream';
import { PaperliftError } from '../errors.ts';

export interface SenderLimits {
  /** A sender is slow after this much waiting, if it sent fewer bytes per second of it. */
  slow: { afterMs: number; belowBytesPerSecond: number };
  /** A sender is too slow after sending nothing for `silentMs`, or too little for `afterMs`. */
  tooSlow: { silentMs: number; afterMs: number; belowBytesPerSecond: number };
}

export const senderLimits: SenderLimits = {
  slow: { afterMs: 1000, belowBytesPerSecond: 1024 * 1024 },
  tooSlow: { silentMs: 30_000, afterMs: 60_000, belowBytesPerSecond: 4096 },
};

interface Options {
  signal: AbortSignal;
  /** Called repeatedly while the sender is slow. */
  onSlow: () => void;
  limits: SenderLimits;
}

/**
 * The chunks of a body. Throws the body's error, the signal's reason (at once, even while nothing arrives) or
 * `form-too-slow`. Leaves the body open, because the rest of the form may still be read.
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
    // Releases the body so that its rest can be read. Not awaited: it would wait for a chunk that was already
    // requested.
    chunks.return?.().catch(() => {});
  }
}

/**
 * Not `Promise.race` with one long-lived promise: that promise would keep the result of every race, so each chunk, in
 * memory.
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
