// Senders who go away in the middle of an upload, five hundred times, against the web in a process of its own.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import sharp from 'sharp';
import { startFaultStage } from '../support/fault-stage.ts';
import { buildForm, openForm } from '../support/raw-form.ts';
import { waitFor } from '../support/wait.ts';

const drops = 500;
const atOnce = 10;
const shares = [0.01, 0.5, 0.99];

test('senders who go away at 1, 50 and 99 per cent, 500 of them, leave no object, no page and no descriptor', async (t) => {
  if (process.platform !== 'linux') return t.skip('counts descriptors in /proc');
  const stage = await startFaultStage();
  try {
    const { url, child, session } = await stage.startWeb({ UPLOADS_PER_MINUTE: '0' });
    const projectId = await stage.addProject();
    const image = await sharp({ create: { width: 900, height: 700, channels: 3, background: '#ccc' } })
      .jpeg()
      .toBuffer();
    const form = buildForm(
      ['a.jpg', 'b.jpg'].map((fileName) => ({ name: 'files', fileName, type: 'image/jpeg', body: image })),
    );
    const drop = async (share: number) => {
      const { socket } = await openForm(url, `/api/v1/projects/${projectId}/pages`, {
        cookie: session.cookie,
        length: form.length,
        headers: { 'X-Csrf-Token': session.csrfToken },
      });
      await new Promise((resolve) => socket.write(form.subarray(0, Math.ceil(form.length * share)), resolve));
      socket.destroy();
    };
    const countDescriptors = () => readdirSync(`/proc/${child.pid}/fd`).length;
    const dropSome = (from: number) =>
      Promise.all(Array.from({ length: atOnce }, (_, at) => drop(shares[(from + at) % 3] as number)));
    await dropSome(0); // what is opened once is open
    const before = countDescriptors();
    for (let count = atOnce; count < drops; count += atOnce) await dropSome(count);
    await waitFor('the descriptors to be as few as before', async () =>
      countDescriptors() <= before ? true : undefined,
    );
    await waitFor('nothing to be left in S3', async () =>
      (await stage.listObjects('projects/')).length === 0 ? true : undefined,
    );
    assert.deepEqual(await stage.services.stores.pages.list(projectId), []);
  } finally {
    await stage.stop();
  }
});
