// Limits concurrent uploads. An upload holds one part in memory (5 MB, S3's minimum), so only a fixed number run at
// once; the others wait, since nothing reads from their sockets. A slow upload lends its slot to the next one. People
// take turns, and the number of slow uploads is limited, in total and for each person.
import { PaperliftError } from '../errors.ts';
import { createTurns, type Turn } from '../runtime/fair-turns.ts';

interface Limits {
  /** The number of slots. */
  count: number;
  /** How many of them one person may hold. */
  perPerson?: number;
  /** How many slow uploads may run in addition, without a slot. */
  lendable?: number;
  /** How many of these one person may have. */
  lendablePerPerson?: number;
}

/** Permission for one upload to run. */
export interface UploadSlot {
  /**
   * Lends the slot because the sender is slow: another upload may begin while this one continues. Called repeatedly
   * while the sender is slow. When too many uploads are slow and another person waits, one is ended.
   */
  lend(): void;
  release(): void;
  /** Aborts, with the reason, when the upload must end to make room. */
  signal: AbortSignal;
}

interface Upload {
  personId: string;
  turn: Turn;
  /**
   * `held`: it counts as one of the concurrent uploads. `lent`: its sender is slow, and another upload uses its slot.
   */
  state: 'held' | 'lent' | 'released';
  end: AbortController;
}

export function createUploadSlots({ count, perPerson, ...limits }: Limits) {
  const { lendable = count * 7, lendablePerPerson = Math.ceil(lendable * 0.8) } = limits;
  const turns = createTurns({ atOnce: count, ...(perPerson === undefined ? {} : { perPerson }) });
  /** Slow uploads, in the order in which they became slow. */
  const slow = new Set<Upload>();

  const lent = (personId?: string) =>
    [...slow].filter(
      (upload) => upload.state === 'lent' && (personId === undefined || upload.personId === personId),
    ).length;

  function lend(upload: Upload) {
    if (upload.state !== 'held') return;
    slow.add(upload);
    if (lent() < lendable && lent(upload.personId) < lendablePerPerson) {
      upload.state = 'lent';
      upload.turn.release();
    } else if (turns.isWantedByOthersThan(upload.personId)) {
      makeRoom();
    }
  }

  /** Ends the latest slow upload of the person who has the most. */
  function makeRoom() {
    const counts = new Map<string, number>();
    for (const { personId } of slow) counts.set(personId, (counts.get(personId) ?? 0) + 1);
    const most = Math.max(...counts.values());
    const ending = [...slow].findLast(({ personId }) => counts.get(personId) === most);
    ending?.end.abort(tooManySlow());
    if (ending) release(ending);
  }

  function release(upload: Upload) {
    const { state } = upload;
    upload.state = 'released';
    slow.delete(upload);
    if (state === 'held') upload.turn.release();
  }

  return {
    /** Waits for a slot. Rejects with the signal's reason when it aborts first. */
    async take(personId: string, signal: AbortSignal): Promise<UploadSlot> {
      const turn = await turns.take(personId, signal);
      const upload: Upload = { personId, turn, state: 'held', end: new AbortController() };
      return { lend: () => lend(upload), release: () => release(upload), signal: upload.end.signal };
    },
  };
}

export type UploadSlots = ReturnType<typeof createUploadSlots>;

function tooManySlow() {
  return new PaperliftError('too-many', {
    code: 'too-many-slow-uploads',
    message: 'Upload failed: you have too many slow uploads at the same time. Nothing was saved.',
    hint: 'Upload fewer files at a time.',
    retryAfterSeconds: 30,
  });
}
