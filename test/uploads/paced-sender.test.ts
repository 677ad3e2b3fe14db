import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { readFromSender, senderLimits } from '../../src/uploads/paced-sender.ts';
import { waitFor } from '../support/wait.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const megabyte = 1024 * 1024;

test('what was read of an upload is let go while the upload goes on', async () => {
  const total = 64;
  let read = 0;
  const body = Readable.from(
    (async function* () {
      for (let sent = 0; sent < total; sent += 1) yield Buffer.alloc(megabyte);
    })(),
  );
  const before = process.memoryUsage().arrayBuffers;
  const { signal } = new AbortController();
  for await (const chunk of readFromSender(body, { signal, onSlow: () => {}, limits: senderLimits })) {
    read += chunk.length;
    if (read < total * megabyte) continue;
    await waitFor('what was read to be let go', async () => {
      collectGarbage(); // memory outside the heap goes a little later than what refers to it
      return process.memoryUsage().arrayBuffers - before < 24 * megabyte ? true : undefined;
    });
  }
  assert.equal(read, total * megabyte);
});

test('an upload that was given up ends at once, though nothing comes', async () => {
  const body = new Readable({ read() {} });
  const sender = new AbortController();
  const reading = readFromSender(body, {
    signal: sender.signal,
    onSlow: () => {},
    limits: senderLimits,
  }).next();
  sender.abort(new Error('gone'));
  await assert.rejects(reading, /gone/);
  assert.equal(body.destroyed, false);
});
