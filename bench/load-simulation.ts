// What a scenario meets on AWS, minute by minute: pages wait for workers, workers for the detector and the table. The
// units and seconds of a page are measured; the limits are AWS's.
import { limits, prices, type Scenario } from './load-model.ts';

/** Measured for one page. */
export interface PageCost {
  writeUnits: number;
  readUnits: number;
  /** Write units of one page in the busiest partition, and which one that is. */
  busiest: { what: string; writeUnits: number };
  /** Seconds that a worker takes for a page, most of which it waits for the detector. */
  workerSeconds: number;
}

export interface Outcome {
  /** Pages that arrived in the busiest minute. */
  peakPages: number;
  /** Minutes that 95 of 100 pages waited at most for a worker. */
  waitMinutesP95: number;
  longestQueue: number;
  tasks: number;
  /** How far each limit was used, 1 being all of it. Sorted, the most used first. */
  used: { what: string; share: number }[];
  costs: number;
}

export function simulate(scenario: Scenario, times: number, page: PageCost): Outcome {
  const maxTasks = Math.floor((limits.detectorCallsPerSecond * limits.reservedSeconds) / limits.pagesAtOnce);
  const perTask = (60 * limits.pagesAtOnce) / page.workerSeconds;
  let tasks: number = limits.minTasks;
  let tableUnits: number = limits.newTableWriteUnits;
  const waiting: { since: number; count: number }[] = [];
  const waits: { minutes: number; count: number }[] = [];
  const outcome = { peakPages: 0, longestQueue: 0, tasks: 1, costs: 0 };
  const shares = new Map<string, number>();
  const use = (what: string, share: number) => shares.set(what, Math.max(shares.get(what) ?? 0, share));
  let sum = 0;
  for (let minute = 0; minute < scenario.minutes || sum > 0.5; minute += 1) {
    const came = minute < scenario.minutes ? scenario.pagesAt(minute) * times : 0;
    if (came > 0) waiting.push({ since: minute, count: came });
    sum += came;
    const ceilings = {
      'the workers': perTask * tasks,
      'the detector’s calls a second': 60 * limits.detectorCallsPerSecond,
      'a new table’s write units': (60 * tableUnits) / page.writeUnits,
      [page.busiest.what]: (60 * limits.partitionWriteUnits) / page.busiest.writeUnits / scenario.busiestTeam,
    };
    for (const [what, ceiling] of Object.entries(ceilings)) use(what, sum / ceiling);
    let done = Math.min(sum, ...Object.values(ceilings));
    if ((done * page.writeUnits) / 60 > tableUnits / 2)
      tableUnits = Math.min(limits.tableWriteUnits, tableUnits * 2 ** (1 / 30));
    outcome.costs +=
      done * (prices.detectorCall + page.writeUnits * prices.writeUnit + page.readUnits * prices.readUnit) +
      tasks * prices.taskMinute;
    sum -= done;
    while (done > 0 && waiting[0]) {
      const taken = Math.min(done, waiting[0].count);
      waits.push({ minutes: minute - waiting[0].since, count: taken });
      waiting[0].count -= taken;
      done -= taken;
      if (waiting[0].count < 1e-9) waiting.shift();
    }
    if (minute % limits.stepMinutes === 0)
      tasks = nextTasks(tasks, sum, minute - (waiting[0]?.since ?? minute), maxTasks);
    outcome.peakPages = Math.max(outcome.peakPages, came);
    outcome.longestQueue = Math.max(outcome.longestQueue, sum);
    outcome.tasks = Math.max(outcome.tasks, tasks);
  }
  const used = [...shares]
    .map(([what, share]) => ({ what, share }))
    .sort((one, two) => two.share - one.share);
  return { ...outcome, waitMinutesP95: quantileOf(waits, 0.95), used };
}

/** As the stack's two scaling policies do, by jobs waiting and by the age of the oldest. */
function nextTasks(tasks: number, waiting: number, oldestMinutes: number, maxTasks: number): number {
  if (waiting === 0) return Math.max(limits.minTasks, tasks - 1);
  const byCount = waiting >= limits.pagesAtOnce * 50 ? 3 : waiting >= limits.pagesAtOnce * 10 ? 1 : 0;
  const byAge = oldestMinutes >= 5 ? 2 : oldestMinutes >= 1 ? 1 : 0;
  return Math.min(maxTasks, tasks + Math.max(byCount, byAge));
}

function quantileOf(waits: { minutes: number; count: number }[], share: number): number {
  const sorted = waits.toSorted((one, two) => one.minutes - two.minutes);
  const total = sorted.reduce((sum, { count }) => sum + count, 0);
  let seen = 0;
  for (const { minutes, count } of sorted) {
    seen += count;
    if (seen >= total * share) return minutes;
  }
  return 0;
}
