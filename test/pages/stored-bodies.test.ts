// Bodies that S3 sends to Paperlift, which ends the connection when nobody reads for 15 seconds.
import assert from 'node:assert/strict';
import { PassThrough, type Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createUploadService } from '../../src/pages/upload.service.ts';
import { createUploadSlots } from '../../src/pages/upload-slots.ts';
import { whitePng } from '../support/odd-images.ts';

const never = new AbortController().signal;
const png = { fileName: 'scan.png', declaredType: 'image/png' };

function startUploads() {
  const slots = createUploadSlots({ count: 1 });
  const blobs = {
    async putStream(_key: string, body: Readable, _type: string, signal: AbortSignal) {
      signal.addEventListener('abort', () => body.destroy(new Error('given up')));
      await buffer(body);
    },
  };
  const limits = { maxFileBytes: 1e6, maxDocumentBytes: 1e6 };
  const uploads = createUploadService({ slots, blobs, limits, now: () => new Date() } as never);
  return {
    slots,
    store: (body: () => Promise<Readable>) =>
      uploads.store({ projectId: 'p', person: { id: 'alice' } }, { ...png, body }, never),
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
