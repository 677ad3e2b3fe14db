// Runs services from this source tree and its dist/, in the image's layout, when no image was built.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { runCommand } from '../image/command.ts';
import type { Engine, Running } from './engine.ts';
import type { PlannedService } from './plan.ts';

const tree = resolve(import.meta.dirname, '../..');
const wordsOf: Record<string, string[]> = { product: ['product'], local: ['product', 'local'] };

/** Throws when nothing was built. */
export async function createTreeEngine({ directory }: { directory: string }): Promise<Engine> {
  if (!existsSync(join(tree, 'dist/server.mjs'))) throw new Error('Nothing was built yet: npm run build');
  return {
    description: 'this source tree (no image was built: npm run image:check)',
    start: (service) => start(service, directory),
    close: async () => {},
  };
}

async function start(service: PlannedService, directory: string): Promise<Running> {
  const home = await createImageLayout(service, directory);
  const temporary = join(directory, `tmp-${service.name}`);
  await mkdir(temporary);
  const inside = (value: string) => {
    const volume = service.volumes.find(({ target }) => value === target || value.startsWith(`${target}/`));
    const moved = volume ? join(directory, volume.source, value.slice(volume.target.length)) : value;
    return moved.replace(/^\/paperlift(?=\/)/, home);
  };
  for (const { source } of service.volumes) await mkdir(join(directory, source), { recursive: true });
  const env = {
    PATH: `${resolve(process.execPath, '..')}:/usr/bin:/bin`,
    NODE_ENV: 'production',
    HOME: temporary,
    WORKER_HEARTBEAT_FILE: join(temporary, 'worker.heartbeat'),
    ...Object.fromEntries(Object.entries(service.env).map(([name, value]) => [name, inside(value)])),
  };
  const child = spawn(join(home, 'start.sh'), service.args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  }
  const exited = once(child, 'close').then(([code]) => code as number | null);

  return {
    lines,
    exited,
    execute: ([program = '', ...args]) => runCommand(inside(program), args.map(inside), { env }),
    async stop() {
      child.kill('SIGTERM');
      const killing = setTimeout(() => child.kill('SIGKILL'), 30_000);
      return exited.finally(() => clearTimeout(killing));
    },
  };
}

/** Creates a folder with the layout of the image's. */
async function createImageLayout({ name, target }: PlannedService, directory: string): Promise<string> {
  const home = join(directory, `program-${name}`);
  await mkdir(join(home, 'words'), { recursive: true });
  for (const file of ['start.sh', 'health.mjs']) await copyFile(join(tree, 'image', file), join(home, file));
  for (const word of wordsOf[target] ?? []) {
    await copyFile(join(tree, 'image/words', word), join(home, 'words', word));
  }
  const seen = [
    'dist',
    'views',
    'public',
    'node_modules',
    'package.json',
    ...(target === 'local' ? ['src'] : []),
  ];
  for (const one of seen) await symlink(join(tree, one), join(home, one));
  return home;
}
