// `npm run onprem:check`: runs docker-compose.onprem.yml with the real engines, without a Docker engine. Obtains the engines
// by package managers (scripts/onprem/packages.ts; kept in ONPREM_ENGINES_DIR), installs Paperlift by the commands of
// docs/on-prem.md in namespaces of Linux, and tries what people and operators do with it. Needs root on Linux, Java, Go,
// Rust and Debian's packages. `--only <parts of names, with commas>` selects parts, `--keep` keeps the logs and the volumes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readComposeFile } from './compose/compose-file.ts';
import { runCommand } from './image/command.ts';
import { makeCertificates } from './onprem/certificates.ts';
import { installPackages } from './onprem/obtain/debian.ts';
import { packages } from './onprem/packages.ts';

const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, keep: { type: 'boolean', default: false } },
});
const print = (line: string) => process.stdout.write(`${line}\n`);
if (process.platform !== 'linux' || process.getuid?.() !== 0) {
  print('The on-prem check needs root on Linux, for namespaces and mounts.');
  process.exit(1);
}

const directory = await mkdtemp(join(tmpdir(), 'paperlift-onprem-'));
try {
  await installPackages('iproute2', 'unzip', 'maven', 'openssl');
  await obtainEngines();
  await runCommand(process.execPath, [join(root, 'scripts/build.ts')]);
  process.exitCode = await runInside();
} finally {
  if (values.keep) print(`Logs and volumes: ${directory}`);
  else await rm(directory, { recursive: true, force: true });
}

/** While registries can still be reached. */
async function obtainEngines(): Promise<void> {
  for (const { image } of readComposeFile(join(root, 'docker-compose.onprem.yml')).services) {
    const [name = '', tag = ''] = image?.split(':') ?? [];
    const obtain = packages[name];
    if (!obtain) continue;
    const startedAt = performance.now();
    const { engine, version, origin } = await obtain(tag);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    print(`ok  ${engine} ${version} for ${image}: ${origin} (${seconds} s)`);
  }
}

/** Goes on in namespaces of its own, which end with it and take every process and mount along. */
async function runInside(): Promise<number> {
  await mkdir(join(directory, 'certificates'));
  const hosts = ['paperlift', 'sign-in', 'paperlift-files'].map((name) => `${name}.example.com`);
  const { authority } = makeCertificates(join(directory, 'certificates'), hosts);
  await mkdir('/run/netns', { recursive: true });
  const prepare = [
    'mount -t tmpfs tmpfs /run/netns',
    // what the documentation writes to
    'mkdir "$0/etc" && mount -t tmpfs tmpfs "$0/etc" && mkdir "$0/etc/changes" "$0/etc/work"',
    'mount -t overlay overlay -o lowerdir=/etc,upperdir="$0/etc/changes",workdir="$0/etc/work" /etc',
    'for one in /opt /var/backups; do mkdir -p $one && mount -t tmpfs tmpfs $one; done',
    'mkdir /opt/paperlift && mount --bind "$1" /opt/paperlift && shift',
    'exec "$@"',
  ].join('\n');
  const child = spawn(
    'unshare',
    [
      ...['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'],
      ...['/bin/sh', '-euc', prepare, directory, root],
      ...[process.execPath, join(root, 'scripts/onprem/inside.ts'), directory, values.only],
    ],
    { stdio: 'inherit', env: { ...process.env, NODE_EXTRA_CA_CERTS: authority } },
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill('SIGKILL'));
  const [code] = await once(child, 'exit');
  return code ?? 1;
}
