// Buildah with a storage of its own, which keeps its layers and leaves no images among the machine's.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.ts';

export interface ImageConfig {
  User: string;
  Env: string[];
  Entrypoint: string[];
  Cmd: string[];
  WorkingDir: string;
  Healthcheck?: { Test: string[] };
  ExposedPorts?: Record<string, object>;
  Labels: Record<string, string>;
}

const mountPrefix = 'mounted-by-';

export function createBuildah({ directory, log }: { directory: string; log: string }) {
  mkdirSync(directory, { recursive: true });
  const storage = [
    ...['--root', join(directory, 'storage')],
    ...[
      '--runroot',
      join('/run/paperlift-image', createHash('sha256').update(directory).digest('hex').slice(0, 12)),
    ],
    ...['--storage-driver', 'overlay'],
  ];
  const run = (...args: string[]) => runCommand('buildah', [...storage, ...args], { log });

  return {
    async has(image: string): Promise<boolean> {
      return run('inspect', '--type', 'image', image).then(
        () => true,
        () => false,
      );
    },

    /** Builds a target of a Dockerfile; unchanged steps come from earlier builds. */
    async build(options: {
      image: string;
      context: string;
      target?: string;
      args?: Record<string, string>;
      layers?: boolean;
    }): Promise<void> {
      const args = Object.entries(options.args ?? {}).flatMap(([name, value]) => [
        '--build-arg',
        `${name}=${value}`,
      ]);
      await run(
        'bud',
        ...['--isolation', 'chroot', '--format', 'docker'],
        `--layers=${options.layers ?? true}`,
        ...args,
        ...(options.target ? ['--target', options.target] : []),
        ...['--tag', options.image, options.context],
      );
    },

    /** Removes layers that no build so far has used. */
    async forgetUnused(base: string): Promise<void> {
      for (const { id, containername } of JSON.parse(await run('containers', '--json')) ?? []) {
        if (!isMountedByRunningProcess(containername)) await run('rm', id);
      }
      const built = (await readFile(log, 'utf8')).matchAll(/^--> (?:Using cache )?([0-9a-f]{11,64})$/gm);
      const used = [base, ...[...built].map((match) => match[1] as string)];
      // an image is removed after those made from it; the order is not listed
      for (let before = -1, left = Number.POSITIVE_INFINITY; left > 0 && left !== before; ) {
        before = left;
        const ids = (await run('images', '--all', '--quiet', '--no-trunc'))
          .replaceAll('sha256:', '')
          .split('\n');
        const unused = ids.filter((id) => id && !used.some((one) => id.startsWith(one)));
        left = unused.length;
        if (left > 0) await run('rmi', ...new Set(unused)).catch(() => {});
      }
    },

    async idOf(image: string): Promise<string> {
      return JSON.parse(await run('inspect', '--type', 'image', image)).FromImageID;
    },

    async configOf(image: string): Promise<ImageConfig> {
      const { Docker } = JSON.parse(await run('inspect', '--type', 'image', image));
      return Docker.config;
    },

    /** The image's files, and a function that unmounts them. */
    async mount(image: string): Promise<{ root: string; unmount: () => Promise<void> }> {
      const name = `${mountPrefix}${process.pid}-${randomUUID()}`;
      const container = (await run('from', '--pull-never', '--name', name, image)).trim();
      const root = (await run('mount', container)).trim();
      return { root, unmount: async () => void (await run('rm', container)) };
    },
  };
}

/** Killed builds leave containers behind, and so does a process killed while it had an image mounted. */
function isMountedByRunningProcess(container: string): boolean {
  const [, pid] = new RegExp(`^${mountPrefix}(\\d+)-`).exec(container) ?? [];
  return pid !== undefined && existsSync(`/proc/${pid}`);
}

export type Buildah = ReturnType<typeof createBuildah>;
