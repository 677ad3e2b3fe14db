// Paperlift's own images, from this source tree and its dist/.
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Contents } from './packages.ts';

const tree = resolve(import.meta.dirname, '../..');
const wordsOf: Record<string, string[]> = { product: ['product'], local: ['product', 'local'] };

/** What the Dockerfile's stage `target` would bring. */
export async function prepareProduct(target: string, directory: string): Promise<Contents> {
  const words = wordsOf[target] as string[];
  const folders = ['dist', 'views', 'public', 'node_modules', ...(target === 'local' ? ['src'] : [])];
  const files = {
    'package.json': 'package.json',
    'image/start.sh': 'start.sh',
    'image/health.mjs': 'health.mjs',
    ...Object.fromEntries(words.map((word) => [`image/words/${word}`, `words/${word}`])),
  };
  const home = join(directory, `product-${target}`);
  await mkdir(home, { recursive: true });
  return {
    engine: 'Paperlift',
    version: target,
    origin: 'this source tree',
    mounts: [
      { source: home, target: '/paperlift', layered: true },
      ...folders.map((name) => ({ source: join(tree, name), target: `/paperlift/${name}`, readOnly: true })),
      ...Object.entries(files).map(([from, to]) => ({
        source: join(tree, from),
        target: `/paperlift/${to}`,
        isFile: true,
        readOnly: true,
      })),
      { source: process.execPath, target: '/usr/local/bin/node', isFile: true, readOnly: true },
    ],
    entrypoint: ['/paperlift/start.sh'],
    // as in the Dockerfile
    env: { NODE_ENV: 'production', HOME: '/tmp', WORKER_HEARTBEAT_FILE: '/tmp/paperlift-worker.heartbeat' },
    user: '10001:10001',
  };
}
