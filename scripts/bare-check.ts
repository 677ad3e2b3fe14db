// `npm run bare:check`: runs `npm test` with nothing but Node and npm, as an ordinary user, in the Debian that the
// image check uses, with the tracked files. A test that needs anything from outside node_modules fails. Needs root on
// Linux; slow parts (Debian, node_modules, npm's cache) are kept in ~/.cache/paperlift.
import assert from 'node:assert/strict';
import { existsSync, globSync } from 'node:fs';
import { appendFile, chmod, chown, cp, mkdir, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { ensureBaseImage } from './image/base-image.ts';
import { createBuildah } from './image/buildah.ts';
import { runCommand } from './image/command.ts';
import { startContainer } from './image/container.ts';
import { ensureRequirements } from './image/requirements.ts';

const root = path.join(import.meta.dirname, '..');
const cache = path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'paperlift');
const log = path.join(cache, 'bare/last.log');
const user = 1000;
const home = '/home/newcomer';
/** Test files to run instead of all: `npm run bare:check -- test/browser/pile.test.ts`. */
const files = process.argv.slice(2);

/** Programs that a test might use by accident. */
const absent = ['chromium', 'fc-list', 'git', 'google-chrome', 'pdftotext', 'ps', 'python3', 'tesseract'];

await mkdir(path.join(cache, 'bare'), { recursive: true });
await rm(log, { force: true });
await ensureRequirements(log);
const buildah = createBuildah({ directory: path.join(cache, 'image'), log });
const base = await ensureBaseImage({ buildah, directory: path.join(cache, 'image'), log, now: new Date() });
const debian = await buildah.mount(base);
const temporary = path.join(cache, 'bare/tmp');
try {
  await prepareDebian(debian.root);
  const project = path.join(cache, 'bare/paperlift');
  await copyTrackedFiles(project);
  const npmCache = await emptyFolder(path.join(cache, 'bare/npm'), { keep: true });
  await emptyFolder(temporary);
  await chmod(temporary, 0o1777);
  const container = startContainer({
    root: debian.root,
    config: {
      User: `${user}:${user}`,
      Env: ['PATH=/usr/local/bin:/usr/bin:/bin', `HOME=${home}`],
      Entrypoint: ['npm'],
      Cmd: ['test', '--', ...files],
      WorkingDir: `${home}/paperlift`,
      Labels: {},
    },
    volumes: [
      { source: project, target: `${home}/paperlift`, readOnly: false },
      { source: npmCache, target: `${home}/.npm`, readOnly: false },
      { source: temporary, target: '/tmp', readOnly: false },
    ],
    onLine: (line) => process.stdout.write(`${line}\n`),
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => container.signal('SIGKILL'));
  process.exitCode = (await container.exited) ?? 1;
} finally {
  await debian.unmount();
  await rm(temporary, { recursive: true, force: true });
}

/** Creates a user, host names, mount points, and copies the Node that runs npm here (README: 20 or newer). */
async function prepareDebian(debianRoot: string): Promise<void> {
  const at = (file: string) => path.join(debianRoot, file);
  const found = absent.filter((name) =>
    ['bin', 'sbin'].some((folder) => existsSync(at(`usr/${folder}/${name}`))),
  );
  assert.deepEqual(found, [], 'this Debian is not bare');
  assert.deepEqual(globSync('**/*.{ttf,otf,pfb}', { cwd: at('usr/share') }), [], 'this Debian has fonts');
  await appendFile(at('etc/passwd'), `newcomer:x:${user}:${user}::${home}:/bin/sh\n`);
  await writeFile(at('etc/hosts'), '127.0.0.1 localhost\n::1 localhost\n');
  await cp('/etc/resolv.conf', at('etc/resolv.conf'), { dereference: true, force: true });
  for (const folder of [home, `${home}/paperlift`, `${home}/.npm`]) {
    await mkdir(at(folder), { recursive: true });
    await chown(at(folder), user, user);
  }
  const node = process.env.npm_node_execpath;
  if (node) await cp(await realpath(node), at('usr/local/bin/node'));
}

/**
 * Copies the files of a fresh clone. node_modules of the previous run stay; npm replaces them when the lockfile has
 * changed.
 */
async function copyTrackedFiles(project: string): Promise<void> {
  await emptyFolder(project, { except: 'node_modules' });
  const tracked = await runCommand('git', ['-C', root, 'ls-files', '-z', '--cached'], { log });
  for (const file of tracked.split('\0').filter((name) => name && existsSync(path.join(root, name)))) {
    await cp(path.join(root, file), path.join(project, file), { verbatimSymlinks: true });
  }
  for (const name of await readdir(project)) {
    if (name !== 'node_modules')
      await runCommand('chown', ['--recursive', `${user}:${user}`, path.join(project, name)], { log });
  }
}

/** Creates a folder of the user's, or empties it. */
async function emptyFolder(folder: string, { keep = false, except = '' } = {}): Promise<string> {
  await mkdir(folder, { recursive: true });
  await chown(folder, user, user);
  for (const name of keep ? [] : await readdir(folder)) {
    if (name !== except) await rm(path.join(folder, name), { recursive: true, force: true });
  }
  return folder;
}
