// Limits the memory of a process's decoders. The cost of an image is known before it is decoded
// (files/decoding-cost.ts). Small images share a budget. Large ones are decoded one at a time beside them, so that no
// photo waits for a PDF.
import { createTurns, type Turn } from './fair-turns.ts';

/** The total cost of the small images that are decoded at once. An image that costs more is large. */
export const smallDecodingBytes = 140_000_000;

interface Waiting {
  bytes: number;
  enter: () => void;
}

interface Asked {
  /** Whose image it is. Large images are decoded in turns between people. */
  person: string;
  signal?: AbortSignal;
}

export function createDecodeGate({ smallBytes = smallDecodingBytes } = {}) {
  const small = createLane(smallBytes);
  const large = createTurns({ atOnce: 1 });

  return {
    /** Whether another person waits for the lane of large images; whoever holds it should then finish. */
    isWantedByOthersThan: large.isWantedByOthersThan,

    /** Runs `work` when enough memory is free. Rejects with the signal's reason when that aborts first. */
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

/** First in, first out: a cheaper image does not overtake, so that none waits for ever. */
function createLane(maxBytes: number) {
  let taken = 0;
  const waiting: Waiting[] = [];

  function admit() {
    for (let next = waiting[0]; next && taken + next.bytes <= maxBytes; next = waiting[0]) {
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
          admit(); // the next ones may be cheaper
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
