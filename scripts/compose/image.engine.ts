// Runs services from the built images, as scripts/image runs them: read-only, not as root, with volumes.
import { chown, mkdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createBuildah, type ImageConfig } from '../image/buildah.ts';
import { runCommand } from '../image/command.ts';
import { startContainer } from '../image/container.ts';
import type { Engine } from './engine.ts';

const images: Record<string, string> = { product: 'localhost/paperlift', local: 'localhost/paperlift-local' };

interface Mounted {
  root: string;
  config: ImageConfig;
  unmount: () => Promise<void>;
}

/** `undefined` when the images were not built, or this is not root on Linux. */
export async function createImageEngine({ directory }: { directory: string }): Promise<Engine | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'paperlift/image');
  const buildah = createBuildah({ directory: cache, log: join(cache, 'compose.log') });
  for (const image of Object.values(images)) if (!(await buildah.has(image))) return undefined;
  const mounted: Record<string, Mounted> = {};
  for (const [target, image] of Object.entries(images)) {
    mounted[target] = { ...(await buildah.mount(image)), config: await buildah.configOf(image) };
  }
  const revision = mounted.product?.config.Labels['org.opencontainers.image.revision'];
  const head = await runCommand('git', ['-C', import.meta.dirname, 'rev-parse', 'HEAD']).catch(() => '');
  const age = revision === head.trim() ? '' : ' (not what is checked out now: npm run image:check)';

  return {
    description: `the images that were built from ${revision}${age}`,
    async start({ target, args, env, volumes }) {
      const { root, config } = mounted[target] as Mounted;
      const mounts = await Promise.all(
        volumes.map(async (volume) => ({ ...volume, source: await makeVolume(root, volume) })),
      );
      const container = startContainer({ root, config, args, env, volumes: mounts });
      const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
      return {
        lines: container.lines,
        exited: container.exited,
        execute: (command) => container.execute(command, variables),
        stop: () => container.stop(),
      };
    },
    async close() {
      for (const { unmount } of Object.values(mounted)) await unmount();
    },
  };

  /** A new volume gets the owner of the image's folder; a folder that the image lacks belongs to root. */
  async function makeVolume(root: string, { source, target }: { source: string; target: string }) {
    const folder = join(directory, source);
    await mkdir(folder, { recursive: true });
    const place = join(root, target);
    const owner = await stat(place).catch(() => undefined);
    if (owner) await chown(folder, owner.uid, owner.gid);
    else await mkdir(place, { recursive: true });
    return folder;
  }
}
