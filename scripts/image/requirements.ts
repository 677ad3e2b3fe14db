// What building an image without a Docker engine needs on this machine.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runCommand } from './command.ts';

/** Programs, and the Debian packages that they are in. */
const needed = {
  buildah: 'buildah',
  mmdebstrap: 'mmdebstrap',
  unshare: 'util-linux',
  nsenter: 'util-linux',
};

/** Installs what is missing, which takes root and Debian. Throws an Error that says what to do elsewhere. */
export async function ensureRequirements(log: string): Promise<void> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new Error(
      'The image check needs root on Linux (it mounts the image). With a Docker engine, `docker build .` makes the image.',
    );
  }
  const missing = Object.entries(needed)
    .filter(([program]) => !isInstalled(program))
    .map(([, name]) => name);
  if (missing.length === 0) return;
  if (!isInstalled('apt-get')) throw new Error(`Install ${missing.join(', ')}.`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await runCommand('apt-get', ['update', '-qq'], { env, log });
  await runCommand('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...new Set(missing)], {
    env,
    log,
  });
}

function isInstalled(program: string): boolean {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return [...folders, '/usr/sbin', '/sbin'].some((folder) => existsSync(join(folder, program)));
}
