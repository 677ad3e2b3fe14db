// Bodies that S3 sends to Paperlift, which ends the connection when nobody reads for 15 seconds.
import assert from 'node:assert/strict';
import { PassThrough, type Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createFileReceiver } from '../../src/uploads/file-receiver.ts';
import type { SenderLimits } from '../../src/uploads/paced-sender.ts';
import { createUploadSlots } from '../../src/uploads/upload-slots.ts';
import { whitePng } from '../support/odd-images.ts';
import { waitFor } from '../support/wait.ts';

const never = new AbortController().signal;
const pace: SenderLimits = {
  slow: { afterMs: 10, belowBytesPerSecond: 1024 * 1024 },
  tooSlow: { silentMs: 60_000, afterMs: 60_000, belowBytesPerSecond: 1 },
};
const png = { fileName: 'scan.png', declaredType: 'image/png' };

function startUploads(count = 1) {
  const slots = createUploadSlots({ count });
  const blobs = {
    async putStream(_key: string, body: Readable, _type: string, signal: AbortSignal) {
      signal.addEventListener('abort', () => body.destroy(new Error('given up')));
      await buffer(body);
    },
  };
  const limits = { maxFileBytes: 1e6, maxDocumentBytes: 1e6 };
  const uploads = createFileReceiver({ slots, blobs, limits, pace, now: () => new Date() } as never);
  return {
    slots,
    store: (body: () => Promise<Readable>, id = 'alice', signal = never) =>
      uploads.store({ projectId: 'p', person: { id } }, { ...png, body }, signal),
  };
}

test('a presigned upload opens its body when it has a slot, not before', async () => {
  const { slots, store } = startUploads();
  const busy = await slots.take('bob', never);
  const body = new PassThrough();
  let isOpen = false;
  const storing = store(async () => {
    isOpen = true;
    return body.end(await whitePng(20, 10));
  });
  await turn();
  assert.equal(isOpen, false);
  busy.release();
  assert.equal((await storing).contentType, 'image/png');
  assert.equal(isOpen, true);
});

test('a body that is given up is destroyed, and its slot is free again', async () => {
  const { slots, store } = startUploads();
  const body = new PassThrough();
  body.write('no image at all, and more of it to come'.repeat(100)); // beyond where a PDF may begin
  await assert.rejects(
    store(async () => body),
    { code: /^file-/ },
  );
  assert.equal(body.destroyed, true);
  await assert.rejects(
    store(() => Promise.reject(new Error('gone'))),
    /gone/,
  );
  (await slots.take('bob', never)).release();
});

test('a body that breaks off is the storage’s fault: 503 rather than 500', async () => {
  const { store } = startUploads();
  const body = new PassThrough();
  body.write((await whitePng(20, 10)).subarray(0, 20));
  const storing = store(async () => body);
  await turn();
  body.destroy(new Error('socket hang up'));
  await assert.rejects(storing, { code: 'storage-unavailable' });
});

test('42 slow bodies of one person let another’s upload go on', async () => {
  const { store } = startUploads(5);
  const gone = new AbortController();
  let opened = 0;
  const trickling = Array.from({ length: 42 }, () =>
    store(
      async () => {
        opened += 1;
        const body = new PassThrough();
        body.write((await whitePng(20, 10)).subarray(0, 40));
        return body;
      },
      'mallory',
      gone.signal,
    ),
  );
  await waitFor('slow uploads to be lent their slots', async () => opened >= 32 || undefined);
  const patience = AbortSignal.timeout(20_000);
  for (let time = 0; time < 3; time += 1) {
    await store(async () => new PassThrough().end(await whitePng(20, 10)), 'alice', patience);
  }
  assert.equal(opened, 32, 'four hold a slot, 28 are lent theirs, the others wait');
  gone.abort();
  await Promise.allSettled(trickling);
});
