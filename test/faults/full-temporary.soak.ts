// No space left for temporary files: the drawing process and the browser need some, everything else goes past the disk.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { Export } from '../../src/exports/export.ts';
import { type FaultStage, startFaultStage } from '../support/fault-stage.ts';
import { inDefault } from '../support/people.ts';
import { waitFor } from '../support/wait.ts';

const person = { id: 'p', name: 'P', email: 'p@example.com', groups: ['paperlift-users'], ...inDefault };

/** A file system of its own with no byte left. `undefined`: this machine does not allow it. */
async function mountFull() {
  const directory = await mkdtemp(path.join(tmpdir(), 'paperlift-full-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=1777', 'tmpfs', directory], {
      stdio: 'ignore',
    });
  } catch {
    await rmdir(directory);
    return undefined;
  }
  const filler = path.join(directory, 'filler');
  await writeFile(filler, Buffer.alloc(64 * 1024)).catch(() => {});
  return {
    directory,
    async free() {
      await rm(filler);
      execFileSync('mount', ['-o', 'remount,size=2g', directory]);
    },
    async unmount() {
      execFileSync('umount', ['-l', directory]);
      await rmdir(directory);
    },
  };
}

test('while the disk for temporary files is full, images are read, and a PDF is made once there is space', async (t) => {
  const stage = await startFaultStage();
  const disk = await mountFull();
  try {
    if (!disk) return t.skip('needs leave to mount a file system');
    const worker = await stage.startWorker({ TMPDIR: disk.directory });
    const projectId = await stage.addProject();
    await stage.addPages(3, { projectId });
    for (const page of await stage.settle()) assert.equal(page.status, 'ready');

    const item = await stage.services.exports.request(person, projectId, 'searchable-pdf');
    await waitFor('the export to be tried', async () =>
      worker.lines.some((line) => /storage-full|no space left|ENOSPC/i.test(line)) ? true : undefined,
    );
    assert.notEqual((await find(stage, item))?.status, 'failed');
    await disk.free();
    const made = await waitFor(
      'the export',
      async () => {
        const now = await find(stage, item);
        return now && ['ready', 'failed'].includes(now.status) ? now : undefined;
      },
      120_000,
    );
    assert.equal(made.status, 'ready', JSON.stringify(made.failure));
    await stage.assertConsistent();
  } finally {
    await stage.stop();
    await disk?.unmount();
  }
});

const find = ({ services }: FaultStage, { projectId, id }: Export) =>
  services.stores.exports.find(projectId, id);
