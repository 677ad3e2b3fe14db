// Appends entries to trails, each on condition that no other entry came first.
import { unavailable } from '../errors.ts';
import type { Logger } from '../runtime/logger.ts';
import type { AuditStore } from './audit.store.ts';
import { type AuditEntry, firstPrevious, hashOf, type TrailName } from './audit.ts';

interface Dependencies {
  trails: Pick<AuditStore, 'readHead' | 'findLast' | 'append'>;
  logger: Logger;
  /** How long an entry may wait without progress in its trail until it is refused. */
  timeoutMs: number;
}

interface Queue {
  last: Promise<void>;
  /** When the last entry was appended. */
  movedAt: number;
}

export function createTrailAppender({ trails, logger, timeoutMs }: Dependencies) {
  const queues = new Map<TrailName, Queue>();

  /** Runs appends to a trail one at a time within this process. The condition catches other processes. */
  function inTurn(trail: TrailName, work: (queue: Queue) => Promise<void>): Promise<void> {
    const queue = queues.get(trail) ?? { last: Promise.resolve(), movedAt: 0 };
    queues.set(trail, queue);
    const turn = queue.last.then(() => work(queue));
    const settled = turn.catch(() => {});
    queue.last = settled;
    settled.then(() => {
      if (queue.last === settled) queues.delete(trail);
    });
    return turn;
  }

  /** Rejects (`unavailable`) when the entry cannot be appended in time. */
  return async function append(
    trail: TrailName,
    said: Omit<AuditEntry, 'trail' | 'number' | 'previous' | 'hash'>,
  ) {
    const askedAt = performance.now();
    await inTurn(trail, async (queue) => {
      for (;;) {
        // many waiting entries take long together, which is no reason to refuse the last one
        if (performance.now() > Math.max(askedAt, queue.movedAt) + timeoutMs) {
          throw unavailable('audit-trail', new Error(`Could not append to ${trail} within ${timeoutMs} ms`));
        }
        const head = await trails.readHead(trail);
        const cutOff = head ? undefined : await trails.findLast(trail);
        const before = head ?? cutOff;
        const unsealed = {
          ...said,
          ...(before?.organisationId ? { organisationId: before.organisationId } : {}), // a trail never changes it
          trail,
          // if someone removed the head, the new entry leaves a gap, so that the loss stays visible
          number: head ? head.number + 1 : cutOff ? cutOff.number + 2 : 1,
          previous: head?.hash ?? cutOff?.hash ?? firstPrevious,
        };
        const entry: AuditEntry = { ...unsealed, hash: hashOf(unsealed) };
        if (await trails.append(entry, head)) {
          queue.movedAt = performance.now();
          // also logged, out of reach of anyone who can write the table: this exposes a trail that was rewritten as a
          // whole
          logger.info({ trail, number: entry.number, hash: entry.hash, action: said.action }, 'audit');
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 50));
      }
    });
  };
}
