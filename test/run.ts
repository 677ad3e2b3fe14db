// `npm test`: runs the test files, many of them together in a few processes. A process of its own for each file would
// spend most of its time on loading the app. Arguments select files or folders: `npm test -- test/search`.
import { spawn } from 'node:child_process';
import { globSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const cache = path.join(root, 'node_modules', '.cache');
const batchFolder = path.join(cache, 'test-batches');
/** More than the cores of a small machine: tests also wait for processes and for time to pass. */
const processes = 3;
const batchCount = 6;
/** Long files: together they would be one long batch at the end. And those that start processes, whose signals and files count. */
const runAlone = ['browser', 'faults', 'local', 'runtime'];

const selected = process.argv.slice(2);
const files = findFiles(selected);
const alone = files.filter((file) => selected.length > 0 || runAlone.includes(file.split(path.sep)[1] ?? ''));
const batches = writeBatches(files.filter((file) => !alone.includes(file)));

const child = spawn(
  process.execPath,
  [
    '--test',
    '--test-global-setup=test/support/prepared-run.ts',
    `--test-concurrency=${processes}`,
    '--test-timeout=240000', // for each test
    ...batches,
    ...alone,
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

/** Spreads the files over the batches, the largest first, each to the smallest batch. */
function writeBatches(together: string[]): string[] {
  rmSync(batchFolder, { recursive: true, force: true });
  mkdirSync(batchFolder, { recursive: true });
  const sized = together.map((file) => ({ file, size: statSync(path.join(root, file)).size }));
  const spread = Array.from({ length: batchCount }, () => ({ size: 0, files: [] as string[] }));
  for (const { file, size } of sized.sort((one, other) => other.size - one.size)) {
    const [smallest] = spread.sort((one, other) => one.size - other.size) as [(typeof spread)[number]];
    smallest.files.push(file);
    smallest.size += size;
  }
  return spread
    .filter((batch) => batch.files.length > 0)
    .map((batch, at) => {
      const batchFile = path.join(batchFolder, `batch-${at + 1}.test.mjs`);
      writeFileSync(batchFile, describeFiles(batch.files));
      return batchFile;
    });
}

/** A suite for each file, so that its hooks are for its own tests only. */
function describeFiles(names: string[]): string {
  const suites = names.map((name) => {
    const [title, url] = [name, path.join(root, name)].map((text) => JSON.stringify(text));
    return `describe(${title}, async () => { await import(${url}); });`;
  });
  return `import { describe } from 'node:test';\n${suites.join('\n')}\n`;
}
