import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

const { ONPREM_ENGINES_DIR, XDG_CACHE_HOME } = process.env;

/** Keeps the engines between runs. ONPREM_ENGINES_DIR moves it. */
const cache = ONPREM_ENGINES_DIR ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'paperlift/engines');

/** A folder of the cache, filled by `fill` when it does not exist yet. A fill that fails leaves nothing behind. */
export async function cached(name: string, fill: (directory: string) => Promise<void>): Promise<string> {
  const directory = join(cache, name);
  if (existsSync(directory)) return directory;
  const unfinished = `${directory}.unfinished-${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  try {
    await fill(unfinished);
    await rename(unfinished, directory);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return directory;
}
