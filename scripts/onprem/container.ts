// A container without a container engine: the machine's root file system under a layer of its own, the folders and files
// that the Compose file mounts, a network of its own, and the user and capabilities that it says. Needs root on Linux.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export interface Mount {
  source: string;
  target: string;
  readOnly?: boolean;
  /** What the container changes there goes into a layer over it. */
  layered?: boolean;
  isFile?: boolean;
}

export interface ContainerOptions {
  name: string;
  command: string[];
  env: Record<string, string>;
  /** The network namespace, by its name; the machine's own when missing. */
  network?: string;
  /** The content of /etc/hosts. */
  hosts: string;
  mounts: Mount[];
  readOnly?: boolean;
  /** `uid:gid`; root when missing. */
  user?: string;
  /** Folders of the mounts that belong to the user. */
  owned?: string[];
  capDrop?: string[];
  capAdd?: string[];
  /** What asks it to end: SIGTERM when missing. */
  stopSignal?: NodeJS.Signals;
  /** A folder for those layers, which are there again when the container is started again. */
  layers: string;
  /** Receives the output. */
  log: string;
}

export interface Container {
  pid: number;
  lines: string[];
  exited: Promise<number | null>;
  /** Runs a command in it and returns its exit code. */
  execute(command: string[], streams?: Streams): Promise<number | null>;
  /** Asks it to end, and kills it when it does not end in time. */
  stop(graceSeconds: number): Promise<number | null>;
  kill(): Promise<void>;
}

export interface Streams {
  input?: Readable;
  output?: Writable;
  errors?: Writable;
}

const maxLines = 2000;

export function startContainer(options: ContainerOptions): Container {
  const { env, log, name, network } = options;
  const script = `${describeRoot(options)}\nexec ${describeUser(options)} "$@"`;
  // each program replaces the one before, so that the process is the service's own in the end
  const child = spawn(
    'nsenter',
    [
      ...(network ? [`--net=/run/netns/${network}`] : []),
      ...['unshare', '--mount', '--uts', '/bin/sh', '-euc', script, name],
      ...options.command,
    ],
    { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const file = createWriteStream(log, { flags: 'a' });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream as Readable }).on('line', (line) => {
      file.write(`${line}\n`);
      lines.push(line);
      if (lines.length > maxLines) lines.shift();
    });
  }
  const exited = once(child, 'close').then(([code]) => {
    file.end();
    return code as number | null;
  });
  const pid = child.pid as number;

  return {
    pid,
    lines,
    exited,
    execute: (command, streams = {}) =>
      pipe(
        spawn(
          'nsenter',
          [
            `--target=${pid}`,
            '--mount',
            '--uts',
            '--net',
            '--root',
            `--wd=/proc/${pid}/cwd`,
            '--',
            ...command,
          ],
          { env, stdio: [streams.input ? 'pipe' : 'ignore', 'pipe', 'pipe'] },
        ),
        streams,
      ),
    async stop(graceSeconds) {
      signal(pid, options.stopSignal ?? 'SIGTERM');
      const killing = setTimeout(() => signal(-pid, 'SIGKILL'), graceSeconds * 1000);
      const code = await exited.finally(() => clearTimeout(killing));
      signal(-pid, 'SIGKILL');
      return code;
    },
    async kill() {
      signal(-pid, 'SIGKILL');
      await exited;
    },
  };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has ended
  }
}

async function pipe(child: ChildProcess, { input, output, errors }: Streams): Promise<number | null> {
  child.stdin?.on('error', () => {}); // it may end before it has read everything
  if (input && child.stdin) input.pipe(child.stdin);
  for (const [from, to] of [
    [child.stdout, output],
    [child.stderr, errors],
  ] as const) {
    if (to) from?.pipe(to, { end: false });
    else from?.resume();
  }
  const [code] = await once(child, 'close');
  return code as number | null;
}

/** A shell script that makes the container's root. It runs in a mount namespace of its own. */
function describeRoot(options: ContainerOptions): string {
  const { name, hosts, mounts, readOnly, user, owned = [], layers } = options;
  const root = '/mnt/root';
  const inside = (path: string) => quote(`${root}${path}`);
  const lines = [
    `hostname ${quote(name)}`,
    // in the private layer, so that nothing stays behind on the machine
    'mount -t tmpfs tmpfs /mnt && mkdir /mnt/changes /mnt/work /mnt/root',
    `mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/changes,workdir=/mnt/work ${root}`,
    `for one in proc sys dev; do mount --rbind /$one ${root}/$one; done`,
    `mount -t tmpfs -o mode=1777 tmpfs ${root}/tmp && mount -t tmpfs tmpfs ${root}/run`,
    `rm -f ${inside('/etc/hosts')} && printf %s ${quote(hosts)} > ${inside('/etc/hosts')}`,
  ];
  mounts.forEach(({ source, target, readOnly: fixed, layered, isFile }, index) => {
    const at = inside(target);
    lines.push(isFile ? `mkdir -p ${inside(dirname(target))} && touch ${at}` : `mkdir -p ${at}`);
    if (layered) {
      const [changes, work] = ['changes', 'work'].map((kind) => quote(join(layers, `${index}-${kind}`)));
      lines.push(
        `mkdir -p ${changes} ${work}`,
        `mount -t overlay overlay -o lowerdir=${quote(source)},upperdir=${changes},workdir=${work} ${at}`,
      );
    } else {
      lines.push(`mount --bind ${quote(source)} ${at}`);
    }
    if (fixed) lines.push(`mount -o remount,ro,bind ${at}`);
    for (const folder of owned.filter((one) => one === target || one.startsWith(`${target}/`))) {
      lines.push(`mkdir -p ${inside(folder)} && chown -R ${user} ${inside(folder)}`);
    }
  });
  if (readOnly) lines.push(`mount -o remount,ro,bind ${root}`);
  return lines.join('\n');
}

/** The command that goes into that root, as that user and with those capabilities. */
function describeUser({ user, capDrop = [], capAdd = [] }: ContainerOptions): string {
  const [uid, gid] = user?.split(':') ?? [];
  const kept = capAdd.map((name) => `,+${name.toLowerCase()}`).join('');
  return [
    '/usr/sbin/chroot /mnt/root /usr/bin/setpriv --no-new-privs',
    ...(uid ? [`--reuid=${uid} --regid=${gid} --clear-groups`] : []),
    ...(capDrop.includes('ALL') ? [`--bounding-set=-all${kept}`] : []),
    '--',
  ].join(' ');
}

export const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
