// Which exports are kept: the newest of each format, and recent ones. The others can be created again.
import { type Export, kindOf } from './export.ts';

export interface ExportRetention {
  /** How many ready exports of each format are kept, whatever their age. */
  newest: number;
  /** How long every export is kept. */
  keptMs: number;
}

const day = 24 * 60 * 60 * 1000;

/** The exports of a project to delete. `exports` are all of them, newest first. */
export function findExpired(exports: Export[], { newest, keptMs }: ExportRetention, now: Date): Export[] {
  const counts = new Map<string, number>();
  return exports.filter((item) => {
    if (item.status !== 'ready' && item.status !== 'failed') return false;
    const place = (counts.get(kindOf(item)) ?? 0) + 1;
    if (item.status === 'ready') counts.set(kindOf(item), place);
    const isOld = now.getTime() - Date.parse(item.updatedAt) >= keptMs;
    return isOld && (item.status === 'failed' || place > newest);
  });
}

/** The rule as a sentence for people. */
export function describeRetention({ newest, keptMs }: ExportRetention): string {
  const days = keptMs / day;
  const latest = newest === 1 ? 'the latest export' : `the latest ${newest} exports`;
  return `Paperlift keeps ${latest} of each format, and every export from the last ${days === 1 ? 'day' : `${days} days`}. Older exports are deleted.`;
}
