import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { removeAbandonedFolders } from '../../src/runtime/temporary-folders.ts';

test('copies of documents that a killed process left behind are removed; those of others stay', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'paperlift-sweep-'));
  const program = `
    const { makeTemporaryFolder } = await import(${JSON.stringify(path.resolve('src/runtime/temporary-folders.ts'))});
    console.log(await makeTemporaryFolder('file'));
    setInterval(() => {}, 1000);`;
  const start = async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      env: { ...process.env, TMPDIR: directory },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    return { child, folder: line.toString().trim() };
  };
  const [killed, running] = await Promise.all([start(), start()]);
  try {
    await writeFile(path.join(killed.folder, 'original'), 'a document');
    await mkdir(path.join(directory, 'paperlift-work-00000000-1-file-other'));
    await mkdir(path.join(directory, 'somebody-elses'));
    killed.child.kill('SIGKILL');
    await once(killed.child, 'exit');
    assert.deepEqual(await removeAbandonedFolders(directory), [path.basename(killed.folder)]);
    assert.deepEqual(
      (await readdir(directory)).toSorted(),
      ['paperlift-work-00000000-1-file-other', 'somebody-elses', path.basename(running.folder)].toSorted(),
    );
  } finally {
    running.child.kill('SIGKILL');
    await rm(directory, { recursive: true });
  }
});
