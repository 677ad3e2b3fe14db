// Who does what, how much, and the limits that they meet on AWS. Used by the load benchmark and its simulation.

export interface Scenario {
  id: string;
  what: string;
  /** For how many people the figures hold; they grow with the number of people. */
  people: number;
  minutes: number;
  /** Pages that arrive in this minute. */
  pagesAt: (minute: number) => number;
  /** Requests for pages of the site in this minute, apart from those that a page's way to its text takes. */
  requestsAt: (minute: number) => number;
  /** The part of the pages that the busiest team adds. */
  busiestTeam: number;
}

/** A share that rises to its peak at `peak` and falls again, with a sum of one. */
function wave(minutes: number, peak: number, width: number): number[] {
  const shares = Array.from({ length: minutes }, (_, at) => Math.exp(-(((at - peak) / width) ** 2)));
  const sum = shares.reduce((total, share) => total + share, 0);
  return shares.map((share) => share / sum);
}

const morning = wave(240, 60, 45);
const monthEnd = wave(600, 480, 120);

export const scenarios: Scenario[] = [
  {
    id: 'monday',
    what: 'Monday morning: 1 000 people sign in within two hours and bring five pages each',
    people: 1000,
    minutes: 240,
    pagesAt: (minute) => 5000 * (morning[minute] ?? 0),
    requestsAt: (minute) => 60_000 * (morning[minute] ?? 0),
    busiestTeam: 0.1,
  },
  {
    id: 'month-end',
    what: 'Month’s end: 1 000 people bring 40 pages each, most of them in the afternoon',
    people: 1000,
    minutes: 600,
    pagesAt: (minute) => 40_000 * (monthEnd[minute] ?? 0),
    requestsAt: (minute) => 200_000 * (monthEnd[minute] ?? 0),
    busiestTeam: 0.3,
  },
  {
    id: 'night',
    what: 'One team’s 40 000 pages, sent by a program in an hour',
    people: 1,
    minutes: 60,
    pagesAt: () => 40_000 / 60,
    requestsAt: () => 40,
    busiestTeam: 1,
  },
];

/** AWS’s limits, and what the stacks in `infra/` start with. */
export const limits = {
  /** DetectDocumentText, in us-east-1; `textractCallsPerSecond`. 1 to 25 by region. */
  detectorCallsPerSecond: 25,
  /** A partition of a table or of an index: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html */
  partitionWriteUnits: 1000,
  partitionReadUnits: 3000,
  /** A new table without provisioned units takes these at once, and twice its former peak within half an hour. */
  newTableWriteUnits: 4000,
  /** The account’s default for one table. */
  tableWriteUnits: 40_000,
  /** Workers: pages at once in a task, and how the number of tasks grows (`infra/stacks/fargate.scaling.ts`). */
  pagesAtOnce: 4,
  minTasks: 1,
  /** Seconds that a page takes, by which the most tasks follow from the detector’s calls (`infra/stacks/work-rate.ts`). */
  reservedSeconds: 3,
  stepMinutes: 2,
} as const;

/** US dollars (docs/costs.md). */
export const prices = {
  detectorCall: 0.0015,
  writeUnit: 0.625e-6,
  readUnit: 0.125e-6,
  taskMinute: (0.04048 + 4 * 0.004445) / 60,
} as const;
