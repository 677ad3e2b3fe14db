// `npm run image:check`: builds the image without a Docker engine, on a base that it makes itself, reports its size,
// and runs the end-to-end checks of test/parity against it: as `web` and `worker`, and as Lambda functions behind
// aws-lambda-ric. Needs root on Linux; slow parts are kept in ~/.cache/paperlift/image.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { ensureBaseImage } from './image/base-image.ts';
import { checkBill } from './image/bill.ts';
import { createBuildah } from './image/buildah.ts';
import { runCommand } from './image/command.ts';
import { checkConfig, checkRefusals } from './image/hardening.ts';
import { measureAddition, measureParts, presentParts, sizeLimit } from './image/image-parts.ts';
import { ensureRequirements } from './image/requirements.ts';
import { startSurroundings } from './image/surroundings.ts';
import {
  checkCompileCache,
  checkFunctions,
  checkPreToken,
  checkServices,
  checkSources,
  checkTextract,
} from './image/ways-of-running.ts';

const root = path.join(import.meta.dirname, '..');
const cache = path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'paperlift/image');
const log = path.join(cache, 'last.log');
const startedAt = performance.now();

mkdirSync(cache, { recursive: true });
const undo: (() => Promise<unknown>)[] = [];
try {
  undo.push(takeCache(path.join(cache, 'lock')));
  rmSync(log, { force: true });
  await step('what building needs is installed', () => ensureRequirements(log));
  const buildah = createBuildah({ directory: cache, log });
  const base = await step('the base is made', () =>
    ensureBaseImage({ buildah, directory: cache, log, now: new Date() }),
  );
  const revision = await runCommand('git', ['-C', root, 'rev-parse', 'HEAD']).catch(() => 'unknown');
  const args = { BASE_IMAGE: base, REVISION: revision.trim() };
  const [image, local] = ['localhost/paperlift', 'localhost/paperlift-local'];
  await step('the image is built', () => buildah.build({ image, context: root, args }));
  await step('the local target is built', () =>
    buildah.build({ image: local, context: root, args, target: 'local' }),
  );

  await step('what no build uses any more is removed', async () =>
    buildah.forgetUnused(await buildah.idOf(base)),
  );

  const [product, bare, withStandIns] = [
    await buildah.mount(image),
    await buildah.mount(base),
    await buildah.mount(local),
  ];
  undo.push(product.unmount, bare.unmount, withStandIns.unmount);
  const parts = await measureParts({ image: product.root, base: bare.root });
  const size = parts.at(-1)?.bytes ?? 0;
  process.stdout.write(`\n${presentParts(parts)}\n\n`);
  process.stdout.write(
    `The local target adds ${await measureAddition(withStandIns.root, product.root)} MB.\n\n`,
  );
  assert.ok(size <= sizeLimit, `the image has ${size} bytes`);

  const config = await buildah.configOf(image);
  await step('it has its labels and does not run as root', async () => checkConfig(config));
  await step('its bill of materials lists what is in it', async () => {
    process.stdout.write(`${checkBill(product.root)} components\n`);
    checkBill(withStandIns.root);
  });
  await step('it holds no stand-ins', async () => {
    for (const name of ['src', 'words/local', 'node_modules/tesseract.js', 'node_modules/fauxqs']) {
      assert.ok(!existsSync(path.join(product.root, 'paperlift', name)), `${name} is in the product`);
    }
  });
  await step('it refuses unknown arguments', () => checkRefusals({ root: product.root, config }));
  const surroundings = await startSurroundings();
  undo.push(surroundings.stop);
  const ways = { image: { root: product.root, config }, surroundings, step };
  const answers = await checkServices(ways, await checkSources(ways));
  await checkFunctions(ways, answers);
  await checkCompileCache(ways);
  await checkPreToken(ways);
  const second = { root: withStandIns.root, config: await buildah.configOf(local) };
  await checkTextract({ ...ways, image: second });
  process.stdout.write(`The image is valid (${seconds(startedAt)} s)\n`);
} catch (error) {
  process.stdout.write(`${(error as Error).stack}\nFull output: ${log}\n`);
  process.exitCode = 1;
} finally {
  for (const one of undo.reverse()) await one();
}

/** Only one check at a time, because it removes unused builds. Throws when another one holds the cache. */
function takeCache(lock: string): () => Promise<void> {
  const holder = existsSync(lock) ? readFileSync(lock, 'utf8') : '';
  if (holder && existsSync(`/proc/${holder}`))
    throw new Error(`An image check is already running: process ${holder}.`);
  writeFileSync(lock, String(process.pid));
  return async () => rmSync(lock, { force: true });
}

/** Runs a slow step, and reports it with its duration. */
async function step<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const begun = performance.now();
  const result = await work().catch((error) => {
    process.stdout.write(`FAILED  ${name} (${seconds(begun)} s)\n`);
    throw error;
  });
  process.stdout.write(`ok  ${name} (${seconds(begun)} s)\n`);
  return result;
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1);
}
