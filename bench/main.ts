// `npm run bench`: every figure beside its peer or its limit, measured in one run. `--json` prints one JSON object;
// names of parts select them.
import { mkdtemp, rm } from 'node:fs/promises';
import { arch, availableParallelism, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureColdStart } from './cold-start.bench.ts';
import { measureCrowds } from './crowd.bench.ts';
import { measureDatabaseCalls } from './database-calls.bench.ts';
import { measureDigitalFile } from './digital-file.bench.ts';
import { measureEventLoop } from './event-loop.bench.ts';
import { measureFairness } from './fairness.bench.ts';
import { measureFirstVisit } from './first-visit.bench.ts';
import { measureLoad } from './load.bench.ts';
import { measureOcrQuality } from './ocr-quality.bench.ts';
import { findOcrmypdf } from './ocrmypdf.peer.ts';
import { measureReadingTime } from './reading-time.bench.ts';
import { measureRequestRate } from './request-rate.bench.ts';
import { measureReviewSpeed } from './review-speed.bench.ts';
import { createRow, type Row } from './row.ts';
import { type RunningStack, startStack } from './running-stack.ts';
import { findScans, type Scan } from './scans.ts';
import { measureLargeSite } from './search.bench.ts';
import { measureSearchEngines } from './search-engines.bench.ts';
import { measureSearchablePdf } from './searchable-pdf.bench.ts';
import { measureSharedLists } from './shared-lists.bench.ts';
import { measureSignIn } from './sign-in.bench.ts';
import { measureSplitFile } from './split-file.bench.ts';
import { presentTable } from './table.presenter.ts';
import { measureTelemetry } from './telemetry.bench.ts';
import { measureTextServer } from './text-server.bench.ts';
import { measureUploadMemory } from './upload-memory.bench.ts';
import { visit } from './visitor.ts';
import { measureWorkerMemory } from './worker-memory.bench.ts';

const parts = [
  'reading',
  'text-server',
  'requests',
  'telemetry',
  'search',
  'engines',
  'lists',
  'load',
  'first-visit',
  'database',
  'event-loop',
  'review',
  'uploads',
  'splitting',
  'digital',
  'memory',
  'fairness',
  'sign-in',
] as const;
type Part = (typeof parts)[number];

const { values: options, positionals: names } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const unknown = names.filter((name) => !parts.includes(name as Part));
if (unknown.length > 0) {
  process.stderr.write(`Unknown: ${unknown.join(', ')}. The parts are ${parts.join(', ')}.\n`);
  process.exit(2);
}
const wants = (...some: Part[]) => names.length === 0 || some.some((part) => names.includes(part));
const folder = await mkdtemp(join(tmpdir(), 'paperlift-bench-'));
const dataDirectory = join(folder, 'data');
let stack: RunningStack | undefined;
let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => exit(130));

try {
  const rows = await measureAll();
  process.stdout.write(options.json ? `${JSON.stringify(presentRun(rows), null, 2)}\n` : presentTable(rows));
  await exit(0);
} catch (error) {
  if (!stopped) process.stderr.write(`${(error as Error).stack}\n`);
  await exit(1);
}

async function measureAll(): Promise<Row[]> {
  if (names.join() === 'engines') return measureSearchEngines({ report });
  const { scans, origin } = await findScans({
    directory: process.env.BENCH_SCANS || undefined,
    outputFolder: join(folder, 'scans'),
  });
  const rows: Row[] = [];
  if (wants('reading')) rows.push(...(await measureReading(scans, origin)));
  if (wants('reading', 'text-server')) {
    report('Reading pages in many languages');
    rows.push(...(await measureTextServer({ scans })));
  }
  if (wants('requests')) rows.push(...(await measureRequests(scans)));
  if (wants('telemetry')) rows.push(...(await measureTelemetryCost(scans)));
  if (wants('search')) {
    report('Searching among 5 000 projects');
    rows.push(...(await measureLargeSite()));
  }
  if (wants('engines')) rows.push(...(await measureSearchEngines({ report })));
  if (wants('lists')) {
    report('Listing what is shared');
    rows.push(...(await measureSharedLists()));
  }
  if (wants('load')) {
    report('Adding pages as fast as AWS takes them');
    rows.push(...(await measureLoad()));
    report('Letting people work');
    stack = await startStack(dataDirectory, {
      UPLOADS_PER_MINUTE: '0',
      SEARCHES_PER_MINUTE: '0',
      PAGES_PER_DAY: '0',
    });
    rows.push(...(await measureCrowds({ stack, scans })));
    await stack.stop();
  }
  if (wants('first-visit')) {
    report('Visiting a project for the first time');
    rows.push(...(await measureFirstVisit()));
  }
  if (wants('database')) {
    report('Counting DynamoDB calls');
    rows.push(...(await measureDatabaseCalls()));
  }
  if (wants('event-loop')) {
    report('Requesting the most expensive pages');
    rows.push(...(await measureEventLoop()));
  }
  if (wants('review')) {
    report('Reviewing pages');
    rows.push(...(await measureReviewSpeed()));
  }
  if (wants('uploads', 'splitting', 'digital', 'memory', 'fairness', 'sign-in'))
    rows.push(...(await measureSecondStart(scans)));
  return rows;
}

async function measureReading(scans: Scan[], origin: string): Promise<Row[]> {
  const rows: Row[] = [];
  const ocrmypdf = await findOcrmypdf(folder);
  report('Starting Paperlift');
  stack = await startStack(dataDirectory);
  const alice = await visit(stack.url, 'alice@example.com');
  report(`Reading ${origin}`);
  const reading = await measureReadingTime({ visitor: alice, scans, ocrmypdf });
  const [projectId, other] = reading.projectIds as [string, string];
  rows.push(...(await measureOcrQuality({ visitor: alice, projectId, scans, origin, ocrmypdf })));
  rows.push(...reading.rows);
  report('Creating PDFs');
  rows.push(...(await measureSearchablePdf({ visitor: alice, projectId: other, folder })));
  report('Starting functions');
  rows.push(...(await measureColdStart({ stack, visitor: alice, projectId, folder })));
  await stack.stop();
  return rows;
}

async function measureTelemetryCost(scans: Scan[]): Promise<Row[]> {
  report('Switching telemetry on');
  stack = await startStack(dataDirectory);
  const alice = await visit(stack.url, 'alice@example.com');
  const projectId = await alice.createProject('Traced');
  await alice.upload(projectId, scans);
  await alice.waitUntilRead(projectId, scans.length);
  const rows = await measureTelemetry({ stack, visitor: alice, projectId, folder });
  await stack.stop();
  return rows;
}

async function measureRequests(scans: Scan[]): Promise<Row[]> {
  report('Requesting pages');
  stack = await startStack(dataDirectory);
  const alice = await visit(stack.url, 'alice@example.com');
  const projectId = await alice.createProject('Asked for');
  await alice.upload(projectId, scans);
  await alice.waitUntilRead(projectId, scans.length);
  const rows = await measureRequestRate({ visitor: alice, projectId });
  await stack.stop();
  return rows;
}

async function measureSecondStart(scans: Scan[]): Promise<Row[]> {
  const rows: Row[] = [];
  report('Starting Paperlift again');
  stack = await startStack(dataDirectory);
  if (wants('reading'))
    rows.push(
      createRow({
        id: 'second-start',
        what: 'npm run local, second start',
        value: stack.startSeconds,
        unit: 's',
        target: { of: 'value', atMost: 8 },
      }),
    );
  // the first measurement of this start, so that memory grows from an idle web process
  const bob = await visit(stack.url, 'bob@example.com');
  if (wants('uploads')) {
    report('Uploading large files');
    rows.push(...(await measureUploadMemory({ stack, visitor: bob })));
  }
  if (wants('splitting')) {
    report('Splitting a file of 300 pages');
    rows.push(...(await measureSplitFile({ stack, visitor: bob, scans })));
  }
  if (wants('digital')) {
    report('Reading a digital PDF');
    rows.push(...(await measureDigitalFile({ visitor: bob })));
  }
  if (wants('memory')) {
    report('Opening the largest images');
    rows.push(...(await measureWorkerMemory({ stack, visitor: bob })));
  }
  if (wants('fairness')) {
    report('Uploading a page beside a thousand others');
    const other = await visit(stack.url, 'alice@example.com');
    rows.push(...(await measureFairness({ visitor: bob, other, scans })));
  }
  if (wants('sign-in')) {
    report('Signing in');
    rows.push(...(await measureSignIn({ stack, dataDirectory })));
  }
  return rows;
}

function presentRun(rows: Row[]) {
  return {
    measuredAt: new Date().toISOString(),
    machine: {
      platform: platform(),
      arch: arch(),
      processors: availableParallelism(),
      node: process.version,
    },
    rows,
  };
}

async function exit(code: number) {
  if (stopped) return;
  stopped = true;
  await stack?.stop().catch(() => {});
  await rm(folder, { recursive: true, force: true });
  process.exit(code);
}

function report(what: string) {
  process.stderr.write(`${what} …\n`);
}
