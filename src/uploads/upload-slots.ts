// Who may upload just now. An upload holds a part in memory (5 MB, S3's least), so only so many go on at once; the others'
// senders wait, because nobody reads from their sockets. A slow sender must not make them wait: its slot is lent to the
// next. People take turns, and each may have only so many slow uploads.
import { PaperliftError } from '../errors.ts';
import { createTurns, type Turn } from '../runtime/fair-turns.ts';

interface Limits {
  /** How many uploads hold a slot at once. */
  count: number;
  /** How many of them are one person's. */
  perPerson?: number;
  /** How many more may go on without, because their senders are slow. */
  lendable?: number;
  /** How many of these are one person's. */
  lendablePerPerson?: number;
}

/** What lets one upload go on. */
export interface UploadSlot {
  /**
   * The sender is slow: another upload may begin, and this one goes on as it is. To be called again and again while the
   * sender is slow: where too many are slow already, one is ended when another person waits.
   */
  lend(): void;
  release(): void;
  /** Aborts, with the reason, when the upload has to make room. */
  signal: AbortSignal;
}

interface Upload {
  personId: string;
  turn: Turn;
  /** `held`: it counts among those at once. `lent`: its sender is slow, and another one has its place. */
  state: 'held' | 'lent' | 'released';
  end: AbortController;
}

export function createUploadSlots({ count, perPerson, ...limits }: Limits) {
  const { lendable = count * 7, lendablePerPerson = Math.ceil(lendable * 0.8) } = limits;
  const turns = createTurns({ atOnce: count, ...(perPerson === undefined ? {} : { perPerson }) });
  /** Those whose senders are slow, in the order in which they were found to be. */
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

  /** Ends the latest slow upload of the person who has the most of them. */
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
