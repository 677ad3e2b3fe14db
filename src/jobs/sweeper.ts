// Finds items whose message or worker was lost, and sends their messages again.

import { inTurns } from '../runtime/fair-turns.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { DueItems, DueKind } from './due-items.ts';

/** Kinds that become due as planned, which is no sign of trouble. */
const expected = new Set<DueKind>(['SUMMARY', 'DELETED_PAGE', 'OLD_EXPORT']);

const personOf = ({ personId, projectId, pk }: Record<string, unknown>) =>
  String(personId ?? projectId ?? pk);

interface Dependencies {
  dueItems: DueItems;
  /** What to do with an overdue item, by kind. */
  actions: Record<DueKind, (item: Record<string, unknown>) => Promise<void>>;
  /** What else is done at each sweep, when nothing is due any more. */
  afterEach?: () => Promise<unknown>;
  everyMs: number;
  /** How long an item is left alone after its message was sent again. */
  deferMs: number;
  metrics: Metrics;
  logger: Logger;
}

export function createSweeper({
  dueItems,
  actions,
  afterEach,
  everyMs,
  deferMs,
  metrics,
  logger,
}: Dependencies) {
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<void> = Promise.resolve();

  async function sweepKind(kind: DueKind) {
    for (const item of inTurns(await dueItems.list(kind), personOf)) {
      if (!(await dueItems.defer(item, deferMs))) continue;
      const level = expected.has(kind) ? 'debug' : 'warn';
      logger[level]({ kind, id: item.id, projectId: item.projectId }, 'swept an overdue item');
      if (!expected.has(kind)) metrics.count('paperlift_sweeper_repairs_total', { kind });
      await actions[kind](item).catch((error) =>
        logger.warn({ err: error, kind, id: item.id }, 'could not sweep an item; continuing with the others'),
      );
    }
  }

  async function sweep() {
    for (const kind of Object.keys(actions) as DueKind[]) {
      await sweepKind(kind).catch((error) => logger.warn({ err: error, kind }, 'sweeping failed'));
    }
    await afterEach?.().catch((error) => logger.warn({ err: error }, 'sweeping failed'));
  }

  return {
    sweep,
    start() {
      const next = () => {
        sweeping = sweep().finally(() => {
          timer = setTimeout(next, everyMs * (0.75 + Math.random() / 2));
        });
      };
      timer = setTimeout(next, everyMs * Math.random());
    },
    async stop() {
      clearTimeout(timer);
      await sweeping;
      clearTimeout(timer);
    },
  };
}
