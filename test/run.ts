// `npm test`: runs the test files, many of them together in a few processes. A process of its own for each file would
// spend most of its time on loading the app. Arguments select files or folders, or are the runner's:
// `npm test -- test/search --test-name-pattern=phrase`.
import { spawn } from 'node:child_process';
import { globSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const cache = path.join(root, 'node_modules', '.cache');
const batchFolder = path.join(cache, 'test-batches');
/** More than the cores of a small machine: tests also wait for processes and for time to pass. */
const processes = 4;
/** Folders whose files start processes or send signals. */
const runAlone = ['faults', 'local', 'runtime'];

const given = process.argv.slice(2);
const selected = given.filter((argument) => !argument.startsWith('-'));
const flags = given.filter((argument) => argument.startsWith('-'));
const files = findFiles(selected);
const folderOf = (file: string) => file.split(path.sep)[1] ?? '';
const isAlone = (file: string) => runAlone.includes(folderOf(file));
const isInBrowser = (file: string) => folderOf(file) === 'browser';
const started = selected.length > 0 ? files : prepareBatches(files);

const child = spawn(
  process.execPath,
  [
    '--test',
    '--import=./test/support/async-tracking.ts',
    '--test-global-setup=test/support/prepared-run.ts',
    `--test-concurrency=${processes}`,
    '--test-timeout=240000', // for each test
    ...flags,
    ...started,
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, NODE_COMPILE_CACHE: path.join(cache, 'compile') } },
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});

function findFiles(places: string[]): string[] {
  const patterns = places.map((place) => (place.endsWith('.ts') ? place : `${place}/**/*.test.ts`));
  const found = globSync(patterns.length > 0 ? patterns : 'test/**/*.test.ts', { cwd: root }).sort();
  if (found.length === 0) throw new Error(`There are no tests in ${places.join(', ')}`);
  return found;
}

/** The runner starts them in the order of their names: the largest files of their own process first. */
function prepareBatches(files: string[]): string[] {
  const alone = files.filter(isAlone);
  const browser = files.filter((file) => !isAlone(file) && isInBrowser(file));
  const other = files.filter((file) => !isAlone(file) && !isInBrowser(file));
  const groups = [
    { name: 'alone', batches: spread(alone, alone.length) },
    { name: 'browser', batches: spread(browser, 4) },
    { name: 'other', batches: spread(other, 10) },
  ];
  rmSync(batchFolder, { recursive: true, force: true });
  mkdirSync(batchFolder, { recursive: true });
  return groups.flatMap(({ name, batches }) =>
    batches.map((batch, at) => {
      const batchFile = path.join(batchFolder, `${String(at + 1).padStart(2, '0')}-${name}.test.mjs`);
      writeFileSync(batchFile, describeFiles(batch));
      return batchFile;
    }),
  );
}

/** The largest file first, each to the smallest batch. */
function spread(files: string[], count: number): string[][] {
  const sized = files.map((file) => ({ file, size: statSync(path.join(root, file)).size }));
  const batches = Array.from({ length: count }, () => ({ size: 0, files: [] as string[] }));
  for (const { file, size } of sized.sort((one, other) => other.size - one.size)) {
    const [smallest] = batches.sort((one, other) => one.size - other.size) as [(typeof batches)[number]];
    smallest.files.push(file);
    smallest.size += size;
  }
  return batches.map(({ files }) => files).filter((files) => files.length > 0);
}

/**
 * A suite for each file, so that its hooks are for its own tests only. One file is imported after the other: a module
 * that two imports wait for would register both files' tests in one suite. Bound, because the runner finds the suite of a
 * test by the asynchronous resource that it is registered in.
 */
function describeFiles(names: string[]): string {
  const suites = names.map((name) => {
    const [title, url] = [name, path.join(root, name)].map((text) => JSON.stringify(text));
    return `describe(${title}, () => next(() => import(${url})));`;
  });
  return `import { AsyncResource } from 'node:async_hooks';
import { describe } from 'node:test';
import { stopTracking } from ${JSON.stringify(path.join(root, 'test/support/async-tracking.ts'))};
let last = Promise.resolve();
const next = (load) => {
  const bound = AsyncResource.bind(load);
  last = last.then(bound, bound);
  return last;
};
${suites.join('\n')}
last.then(stopTracking);
`;
}
