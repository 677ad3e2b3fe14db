// Objects of S3 for clients that leave.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { Response } from 'express';
import { createBlobSender } from '../../src/http/send-blob.ts';

const sendBlob = createBlobSender({
  presigner: { signGet: () => assert.fail('not asked for') } as never,
  aboveBytes: undefined,
});

/** Answers one request, which is given up before or after the object is sent. Returns the object's body. */
async function serveTo(leavesFirst: boolean) {
  const body = new Readable({ read() {} });
  const served = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    if (leavesFirst) {
      client.destroy();
      await once(request.socket, 'close');
    }
    const sending = sendBlob(response as Response, {
      blob: { key: 'a', body, sizeBytes: 9 },
      contentType: 'image/jpeg',
    });
    if (!leavesFirst) client.destroy();
    sending.then(served.resolve, served.reject);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = get(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  client.on('error', () => {});
  try {
    await served.promise;
  } finally {
    server.close();
  }
  return body;
}

test('whoever leaves before S3 has answered keeps no connection to S3', async () => {
  const body = await serveTo(true);
  assert.ok(body.destroyed);
});

test('whoever leaves while an image is sent keeps no connection to S3', async () => {
  const body = await serveTo(false);
  assert.ok(body.destroyed);
});
