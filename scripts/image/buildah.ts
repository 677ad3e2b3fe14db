// Buildah with a storage of its own, so that it leaves no images among those of the machine, and keeps its layers.
import { mkdirSync } from 'node:fs';
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

export function createBuildah({ directory, log }: { directory: string; log: string }) {
  mkdirSync(directory, { recursive: true });
  const storage = [
    ...['--root', join(directory, 'storage')],
    ...['--runroot', '/run/paperlift-image'],
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

    async configOf(image: string): Promise<ImageConfig> {
      const { Docker } = JSON.parse(await run('inspect', '--type', 'image', image));
      return Docker.config;
    },

    /** The image's files, and what gives the mount up again. */
    async mount(image: string): Promise<{ root: string; unmount: () => Promise<void> }> {
      const container = (await run('from', '--pull-never', image)).trim();
      const root = (await run('mount', container)).trim();
      return { root, unmount: async () => void (await run('rm', container)) };
    },
  };
}

export type Buildah = ReturnType<typeof createBuildah>;
