// Streams into S3, and what is left of them when they do not end well: nothing.
import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { after, before, beforeEach, describe, test } from 'node:test';
import { isPaperliftError } from '../../src/errors.ts';
import type { Fault } from '../support/fault-proxy.ts';
import { type FaultStage, startFaultStage } from '../support/fault-stage.ts';
import { waitFor } from '../support/wait.ts';

let stage: FaultStage;
let blobs: FaultStage['services']['blobs'];
before(async () => {
  stage = await startFaultStage();
  blobs = stage.startWorkerInProcess({ polling: false }).services.blobs;
});
beforeEach(() => stage.clear());
after(() => stage.stop());

const part = 5 * 1024 * 1024;
const streamOf = (bytes: number) => {
  const body = new PassThrough({ highWaterMark: part * 3 });
  body.write(Buffer.alloc(bytes, 1));
  return body;
};
const unavailable: Fault = { kind: 'answer', status: 503, type: 'application/xml', body: '' };

async function assertNothingLeft() {
  assert.deepEqual(await stage.listObjects('given-up/'), []);
  assert.deepEqual(await stage.listMultipartUploads(), []);
}

test('a stream is stored whole, small or large', async () => {
  for (const bytes of [0, 10, part, part + 1, part * 2 + 1]) {
    const body = streamOf(bytes);
    body.end();
    await blobs.putStream('kept/file', body, 'image/jpeg');
    assert.equal((await blobs.read('kept/file')).length, bytes);
  }
});

describe('nothing is left, once it is said that the upload was given up,', () => {
  for (const [when, bytes, operation] of [
    ['while a small object is stored', 1000, /^PUT/],
    ['while a large one is begun', part + 1000, /^POST/],
    ['while a part of it is stored', part + 1000, /^PUT/],
    ['while the parts are put together', part + 1000, /^POST/],
  ] as const) {
    test(when, async () => {
      const given = new AbortController();
      const body = streamOf(bytes);
      body.end();
      if (when === 'while the parts are put together') stage.proxies.s3.next(operation, { kind: 'pass' });
      const held = stage.proxies.s3.hold(operation);
      const storing = blobs.putStream('given-up/file', body, 'image/jpeg', given.signal);
      storing.catch(() => {});
      await held.reached;
      given.abort(new Error('the sender went away'));
      held.release();
      await assert.rejects(storing);
      await assertNothingLeft();
    });
  }

  test('while more is waited for', async () => {
    for (const bytes of [1000, part + 1000]) {
      const given = new AbortController();
      const storing = blobs.putStream('given-up/file', streamOf(bytes), 'image/jpeg', given.signal);
      storing.catch(() => {});
      await waitFor('the first part to be stored', async () =>
        bytes < part ||
        stage.proxies.s3.calls.some(({ method, status }) => method === 'PUT' && status === 200)
          ? true
          : undefined,
      );
      given.abort(new Error('the sender went away'));
      await assert.rejects(storing);
      await assertNothingLeft();
      stage.clear();
    }
  });

  test('before it began', async () => {
    const body = streamOf(10);
    await assert.rejects(
      blobs.putStream('given-up/file', body, 'image/jpeg', AbortSignal.abort(new Error('gone'))),
      /gone/,
    );
    assert.equal(stage.proxies.s3.count(/^PUT/), 0);
  });

  test('when the stream itself fails', async () => {
    const body = streamOf(part + 1000);
    setImmediate(() => body.destroy(new Error('disk')));
    await assert.rejects(blobs.putStream('given-up/file', body, 'image/jpeg'), /disk/);
    await assertNothingLeft();
  });

  test('when S3 keeps failing in the middle: that is S3’s fault', async () => {
    stage.proxies.s3.when(/^PUT/, unavailable);
    const body = streamOf(part + 1000);
    body.end();
    await assert.rejects(blobs.putStream('given-up/file', body, 'image/jpeg'), (error) =>
      isPaperliftError(error, 'storage-unavailable'),
    );
    await assertNothingLeft();
  });

  test('when the answer was lost each time', async () => {
    stage.proxies.s3.when(/^PUT/, { kind: 'lose-answer' });
    await assert.rejects(
      blobs.putStream('given-up/file', Readable.from([Buffer.from('x')]), 'image/jpeg'),
      (error) => isPaperliftError(error, 'storage-unavailable'),
    );
    await assertNothingLeft();
  });
});

test('a body that breaks off is S3’s fault too', async () => {
  await blobs.put('kept/long', Buffer.alloc(200_000), 'image/jpeg');
  stage.proxies.s3.next(/^GET/, { kind: 'half-body', rest: 'cut' });
  await assert.rejects(blobs.read('kept/long'), (error) => isPaperliftError(error, 'storage-unavailable'));
});

test('what is removed below a prefix is nobody else’s', async () => {
  for (const key of ['p/1/a', 'p/1/b/c', 'p/10/a', 'p/1', 'p/1x']) await blobs.put(key, 'x', 'text/plain');
  await blobs.removeBelow('p/1/');
  assert.deepEqual(await stage.listObjects('p/'), ['p/1', 'p/10/a', 'p/1x']);
  await assert.rejects(blobs.removeBelow('p/1'), TypeError);
});
