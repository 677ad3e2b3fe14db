// Stands in front of every decoder of a process. What an image costs is known before it is decoded (pages/decoding-cost.ts):
// small ones share a budget, and large ones go one at a time, beside the small ones, so that no photo waits for a PDF.
import { createTurns, type Turn } from './fair-turns.ts';

/** What small images may cost together; what costs more by itself is large. */
export const smallDecodingBytes = 140_000_000;

interface Waiting {
  bytes: number;
  enter: () => void;
}

interface Asked {
  /** Whose image it is: large ones take turns between people. */
  person: string;
  signal?: AbortSignal;
}

export function createDecodeGate({ smallBytes = smallDecodingBytes } = {}) {
  const small = createLane(smallBytes);
  const large = createTurns({ atOnce: 1 });

  return {
    /** Whether another person waits for the turn of the large ones: who has it should come to an end. */
    isWantedByOthersThan: large.isWantedByOthersThan,

    /** Runs `work` when there is memory for it. Rejects with the signal's reason when that aborts first. */
    async run<T>(bytes: number, work: () => Promise<T>, { person, signal }: Asked): Promise<T> {
      const turn = await (bytes > smallBytes ? large.take(person, signal) : small.take(bytes, signal));
      try {
        return await work();
      } finally {
        turn.release();
      }
    },
  };
}

/** First come, first served: a cheaper one does not overtake, so that nobody waits for ever. */
function createLane(most: number) {
  let taken = 0;
  const waiting: Waiting[] = [];

  function admit() {
    for (let next = waiting[0]; next && taken + next.bytes <= most; next = waiting[0]) {
      waiting.shift();
      taken += next.bytes;
      next.enter();
    }
  }

  function createTurn(bytes: number): Turn {
    return {
      release() {
        taken -= bytes;
        admit();
      },
    };
  }

  return {
    take(bytes: number, signal?: AbortSignal): Promise<Turn> {
      signal?.throwIfAborted();
      return new Promise((resolve, reject) => {
        const leave = () => {
          waiting.splice(waiting.indexOf(place), 1);
          reject(signal?.reason);
          admit(); // those behind it may be cheaper
        };
        const place: Waiting = {
          bytes,
          enter() {
            signal?.removeEventListener('abort', leave);
            resolve(createTurn(bytes));
          },
        };
        waiting.push(place);
        signal?.addEventListener('abort', leave, { once: true });
        admit();
      });
    },
  };
}

export type DecodeGate = ReturnType<typeof createDecodeGate>;
