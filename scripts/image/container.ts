// Runs the image as a strict container engine would: its entry point as the first process of a process namespace, not
// as root, everything but /tmp read-only. User namespaces are denied as by Docker's default (here by chroot), so that
// Chromium finds no sandbox. The network is the machine's.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ImageConfig } from './buildah.ts';
import { runCommand } from './command.ts';

/**
 * Arguments: the image's files, an empty folder, uid:gid, the working directory, the volumes (one a line), then
 * `env`'s own: variables and command.
 */
const enter = `
set -e
root=$1 at=$2 user=$3 directory=$4 volumes=$5
shift 5
mount --bind "$root" "$at"
mount -o remount,bind,ro "$at"
mount -t tmpfs -o mode=1777,size=2g tmpfs "$at/tmp"
mount -t proc proc "$at/proc"
mount --rbind /dev "$at/dev"
printf '%s' "$volumes" | while IFS='|' read -r source target mode; do
  mount --bind "$source" "$at$target"
  mount -o "remount,bind,$mode" "$at$target"
done
exec chroot --userspec="$user" --groups= "$at" /usr/bin/env -i -C "$directory" "$@"
`;

export interface ContainerOptions {
  root: string;
  config: ImageConfig;
  /** Arguments of the entry point; by default the image's own. */
  args?: string[];
  env?: Record<string, string>;
  /** Folders of this machine, mounted where the image has a folder. */
  volumes?: { source: string; target: string; readOnly: boolean }[];
  /** Instead of the image's user. */
  user?: string;
  /** Instead of the image's entry point. */
  entrypoint?: string[];
  onLine?: (line: string) => void;
}

export function startContainer({ root, config, args = config.Cmd, ...options }: ContainerOptions) {
  const { env = {}, volumes = [], user = config.User, entrypoint = config.Entrypoint, onLine } = options;
  const at = mkdtempSync(join(tmpdir(), 'paperlift-root-'));
  const variables = [...config.Env, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
  const child = spawn(
    'unshare',
    [
      ...['--mount', '--pid', '--fork', '--kill-child', '--', '/bin/sh', '-c', enter, 'enter'],
      ...[root, at, user, config.WorkingDir || '/', presentVolumes(volumes)],
      ...[...variables, ...entrypoint, ...args],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      onLine?.(line);
    });
  }
  const exited = once(child, 'close').then(([code]) => {
    rmdirSync(at); // the mounts were in a namespace that is gone
    return code as number | null;
  });

  /** The container's first process, as this machine knows it. */
  const firstProcess = (): number => {
    const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
    return Number(children.trim().split(' ')[0]);
  };

  return {
    lines,
    /** The exit code. */
    exited,
    firstProcess,
    signal(name: NodeJS.Signals): void {
      if (child.exitCode === null && child.signalCode === null) process.kill(firstProcess(), name);
    },
    /** Runs a program in the same container, as `docker exec` does. Throws when it fails. */
    execute(command: string[], variables: string[] = []): Promise<string> {
      const [uid = '', gid = ''] = user.split(':');
      const inside = ['--target', String(firstProcess()), '--mount', '--pid', '--root', '-S', uid, '-G', gid];
      const variables_ = [...config.Env, ...variables];
      return runCommand('nsenter', [...inside, '--', '/usr/bin/env', '-i', ...variables_, ...command]);
    },
    /** Stops it as an engine does: SIGTERM, then SIGKILL after 30 seconds. Returns the exit code. */
    async stop(): Promise<number | null> {
      if (child.exitCode === null && child.signalCode === null) {
        process.kill(firstProcess(), 'SIGTERM');
        const killing = setTimeout(() => child.kill('SIGKILL'), 30_000);
        await exited.finally(() => clearTimeout(killing));
      }
      return exited;
    },
  };
}

function presentVolumes(volumes: NonNullable<ContainerOptions['volumes']>): string {
  return volumes
    .map(({ source, target, readOnly }) => `${source}|${target}|${readOnly ? 'ro' : 'rw'}\n`)
    .join('');
}

export type Container = ReturnType<typeof startContainer>;

/** Runs the container to its end. Returns its exit code and output. */
export async function runContainer(options: ContainerOptions) {
  const container = startContainer(options);
  const code = await container.exited;
  return { code, output: container.lines.join('\n') };
}
