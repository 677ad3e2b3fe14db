// How many pages a minute Paperlift takes, and what ends first: the units of a page's way from its upload to its text are
// measured, part by part of the table, and played against AWS's limits (load-model.ts).

import { textJpeg } from '../test/support/images.ts';
import { type Paperlift, startPaperlift } from '../test/support/paperlift.ts';
import { blocksOf } from '../test/support/textract-stub.ts';
import { waitFor } from '../test/support/wait.ts';
import { type CapacityMeter, type PartitionUnits, startCapacityMeter } from './capacity-meter.ts';
import { limits, scenarios } from './load-model.ts';
import { type PageCost, simulate } from './load-simulation.ts';
import { createRow, type Row } from './row.ts';

const pageCount = 20;
/** Assumed for Amazon Textract and a worker of one processor (docs/costs.md). */
const workerSeconds = 3;
const crowds = [1, 3, 10];

const kinds = [
  { id: 'receipt', what: 'a receipt of 100 different words', words: 100, numbers: 0.4 },
  { id: 'page', what: 'a full page of 400 different words', words: 400, numbers: 0.1 },
];

/** First letters of English words, in a hundredth of all: Norvig, English Letter Frequency Counts (2012). */
const firstLetters =
  'ttttttttttttttttaaaaaaaaaaaaooooooooiiiiiiisssssswwwwwwccccbbbbppppphhhhffffmmmmddddrrrlleeennggyuvjk';

/** Different words, of which some are numbers, the first letters as in English. */
function wordsOf(page: number, { words, numbers }: { words: number; numbers: number }): string[] {
  return Array.from({ length: words }, (_, at) => {
    const seed = (page * 7919 + at * 104_729) % 1_000_003;
    if (at < words * numbers) return String(10_000 + seed);
    const letter = firstLetters[seed % firstLetters.length] ?? 't';
    return letter + seed.toString(26).replace(/[0-9]/g, (digit) => 'aeioubcdfg'[Number(digit)] as string);
  });
}

export async function measureLoad(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of kinds) {
    const { cost, calls } = await measurePage(kind);
    rows.push(...presentCeilings(kind, cost, calls));
    if (kind.id === 'receipt') rows.push(...presentScenarios(cost));
  }
  return rows;
}

async function measurePage(kind: (typeof kinds)[number]) {
  const meter = await startCapacityMeter();
  let page = 0;
  const read = () => {
    page += 1;
    const words = wordsOf(page, kind);
    const lines = Array.from({ length: Math.ceil(words.length / 8) }, (_, at) =>
      words.slice(at * 8, at * 8 + 8),
    );
    return blocksOf(lines.map((line) => line.join(' ')));
  };
  const paperlift = await startPaperlift({
    worker: true,
    textract: read,
    env: { LOG_LEVEL: 'warn', DYNAMODB_ENDPOINT: meter.url, SWEEP_SECONDS: '3600' },
  });
  try {
    meter.forwardTo(paperlift.standIns.env.DYNAMODB_ENDPOINT as string);
    return await uploadPages(paperlift, meter);
  } finally {
    await paperlift.stop();
    meter.stop();
  }
}

/** One project takes all pages: the busiest that a table's parts can be. */
async function uploadPages({ signIn }: Paperlift, meter: CapacityMeter) {
  const { agent, csrfToken } = await signIn('alice@example.com');
  const { body: project } = await agent
    .post('/api/v1/projects')
    .set('x-csrf-token', csrfToken)
    .send({ name: 'Many at once' });
  const image = await textJpeg(['Total 12.50'], { width: 600, height: 400 });
  meter.take();
  const form = agent.post(`/api/v1/projects/${project.id}/pages`).set('x-csrf-token', csrfToken);
  for (let at = 0; at < pageCount; at += 1) form.attach('files', image, `scan-${at}.jpg`);
  const { status } = await form;
  if (status !== 201) throw new Error(`Upload: ${status}`);
  await waitFor(
    'the pages',
    async () => {
      const { body } = await agent.get(`/api/v1/projects/${project.id}/pages`);
      return body.items.every(({ status }: { status: string }) => status === 'ready') || undefined;
    },
    120_000,
  );
  const { partitions, calls } = meter.take();
  const sum = (of: 'read' | 'write') => partitions.reduce((total, units) => total + units[of], 0) / pageCount;
  const busiest = partitions.toSorted((one, other) => other.write - one.write)[0] as PartitionUnits;
  const cost: PageCost = {
    writeUnits: sum('write'),
    readUnits: sum('read'),
    busiest: { what: nameOf(busiest), writeUnits: busiest.write / pageCount },
    workerSeconds,
  };
  return { cost, calls: calls / pageCount };
}

/** Without ids: `WORDS#p-…#s of the table`. */
const nameOf = ({ place, key }: PartitionUnits) =>
  `${key.replace(/#(p-|t-)?[A-Za-z0-9_-]{20,}/g, '#…')} of ${place === 'table' ? 'the table' : `the index ${place}`}`;

function presentCeilings({ id, what }: (typeof kinds)[number], cost: PageCost, calls: number): Row[] {
  const perMinute = (units: number, limit: number) => (60 * limit) / units;
  return [
    createRow({
      id: `load-${id}-team`,
      what: `One team, ${what}: most a minute`,
      value: perMinute(cost.busiest.writeUnits, limits.partitionWriteUnits),
      unit: 'pages',
      target: { of: 'value', atLeast: 1000 },
      note: `then ${cost.busiest.what} takes ${limits.partitionWriteUnits} write units a second; ${cost.busiest.writeUnits.toFixed(1)} units a page`,
    }),
    createRow({
      id: `load-${id}-new-table`,
      what: `All together, ${what}: most a minute at once`,
      value: perMinute(cost.writeUnits, limits.newTableWriteUnits),
      unit: 'pages',
      note: `a new table’s ${limits.newTableWriteUnits} write units a second, which double within half an hour; ${cost.writeUnits.toFixed(0)} write and ${cost.readUnits.toFixed(0)} read units and ${calls.toFixed(0)} calls a page`,
    }),
  ];
}

function presentScenarios(cost: PageCost): Row[] {
  return scenarios.flatMap((scenario) =>
    crowds.map((times) => {
      const { peakPages, waitMinutesP95, longestQueue, tasks, used, costs } = simulate(scenario, times, cost);
      const most = used
        .filter(({ share }) => share >= 1)
        .map(({ what, share }) => `${what} (${share.toFixed(1)} times)`);
      return createRow({
        id: `load-${scenario.id}-${times}`,
        what: `${scenario.what}, times ${times}: p95 of waiting`,
        value: waitMinutesP95,
        unit: 'min',
        note: `simulated: ${peakPages.toFixed(0)} pages in the busiest minute, at most ${longestQueue.toFixed(0)} waiting, ${tasks} workers, $${costs.toFixed(0)}; wanted more than ${most.join(', ') || 'none of the limits'}`,
      });
    }),
  );
}
