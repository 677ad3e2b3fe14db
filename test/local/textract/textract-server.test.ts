// What callers see of the protocol; the text itself comes from a stub.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { S3Client } from '@aws-sdk/client-s3';
import {
  DetectDocumentTextCommand,
  DocumentTooLargeException,
  InternalServerError,
  InvalidParameterException,
  ProvisionedThroughputExceededException,
  TextractClient,
  ThrottlingException,
} from '@aws-sdk/client-textract';
import sharp from 'sharp';
import { OcrBusyError, OcrFailedError } from '../../../src/local/textract/ocr.errors.ts';
import type { Ocr } from '../../../src/local/textract/reader-pool.ts';
import { createTextractServer } from '../../../src/local/textract/textract-server.ts';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const region = 'us-east-1';
const pixel = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#fff' } })
  .png()
  .toBuffer();
const stops: (() => unknown)[] = [];

after(async () => {
  for (const stop of stops) await stop();
});

async function start(given: { read?: Ocr['read']; ready?: number; callsPerSecond?: number; s3?: S3Client }) {
  const clock = { now: 0 };
  const server = createTextractServer({
    ocr: {
      read: given.read ?? (async () => []),
      state: () => ({ ready: given.ready ?? 1, reading: 0, waiting: 0 }),
    },
    s3: given.s3 ?? new S3Client({ endpoint: 'http://127.0.0.1:1', region, credentials, maxAttempts: 1 }),
    callsPerSecond: given.callsPerSecond ?? 1000,
    now: () => clock.now,
  });
  const url = await server.listen(0, '127.0.0.1');
  const client = new TextractClient({ endpoint: url, region, credentials, maxAttempts: 1 });
  stops.push(
    () => client.destroy(),
    () => server.close(0),
  );
  const detect = () => client.send(new DetectDocumentTextCommand({ Document: { Bytes: pixel } }));
  return { url, client, clock, detect, server };
}

function post(url: string, body: string, headers: Record<string, string> = {}) {
  return fetch(url, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Textract.DetectDocumentText',
      authorization: 'AWS4-HMAC-SHA256 Credential=test',
      ...headers,
    },
  });
}

test('an error carries its name in the body and the header, and a request id', async () => {
  const { url } = await start({});
  const answer = await post(url, '{"Document":{}}');
  const body = (await answer.json()) as { __type: string; message: string };
  assert.equal(answer.status, 400);
  assert.equal(body.__type, 'InvalidParameterException');
  assert.ok(body.message);
  assert.equal(answer.headers.get('x-amzn-errortype'), 'InvalidParameterException');
  assert.match(answer.headers.get('x-amzn-requestid') ?? '', /^[0-9a-f-]{36}$/);
  assert.equal(answer.headers.get('content-type'), 'application/x-amz-json-1.1');
});

const malformed: [name: string, body: string, error: string, headers?: Record<string, string>][] = [
  ['not JSON', '{', 'SerializationException'],
  ['a list', '[]', 'SerializationException'],
  ['a number for bytes', '{"Document":{"Bytes":7}}', 'SerializationException'],
  ['bytes that are no base64', '{"Document":{"Bytes":"!!!!"}}', 'SerializationException'],
  ['no document', '{}', 'InvalidParameterException'],
  ['empty bytes', '{"Document":{"Bytes":""}}', 'InvalidParameterException'],
  ['a bucket alone', '{"Document":{"S3Object":{"Bucket":"scans"}}}', 'InvalidParameterException'],
  [
    'a bucket that is a path',
    '{"Document":{"S3Object":{"Bucket":"../x","Name":"a"}}}',
    'InvalidParameterException',
  ],
  ['another operation', '{}', 'UnknownOperationException', { 'x-amz-target': 'Textract.AnalyzeDocument' }],
  ['no credentials', '{}', 'MissingAuthenticationTokenException', { authorization: '' }],
];
for (const [name, body, error, headers] of malformed) {
  test(`${name}: ${error}`, async () => {
    const { url } = await start({});
    const answer = await post(url, body, headers);
    assert.equal(answer.status, 400);
    assert.equal(((await answer.json()) as { __type: string }).__type, error);
  });
}

test('bytes and an object at once are an invalid parameter', async () => {
  const { client } = await start({});
  const both = { Bytes: pixel, S3Object: { Bucket: 'scans', Name: 'page.png' } };
  await assert.rejects(
    client.send(new DetectDocumentTextCommand({ Document: both })),
    InvalidParameterException,
  );
});

test('calls above the rate exceed the throughput until time has passed', async () => {
  const { detect, clock } = await start({ callsPerSecond: 2 });
  await detect();
  await detect();
  await assert.rejects(detect(), (error) => {
    assert.ok(error instanceof ProvisionedThroughputExceededException);
    assert.equal(error.$metadata.httpStatusCode, 400);
    return true;
  });
  clock.now += 500;
  await detect();
  await assert.rejects(detect(), ProvisionedThroughputExceededException);
});

test('a full queue throttles', async () => {
  const { detect } = await start({ read: () => Promise.reject(new OcrBusyError('full')) });
  await assert.rejects(
    detect(),
    (error) => error instanceof ThrottlingException && error.$fault === 'server',
  );
});

test('a dead engine, and S3 out of reach, are internal errors that tell nothing of the inside', async () => {
  const { detect, client } = await start({ read: () => Promise.reject(new OcrFailedError('wasm abort')) });
  const inside = (error: unknown) =>
    error instanceof InternalServerError && !/wasm|ECONNREFUSED|127/.test(error.message);
  await assert.rejects(detect(), inside);
  const object = { S3Object: { Bucket: 'scans', Name: 'page.png' } };
  await assert.rejects(client.send(new DetectDocumentTextCommand({ Document: object })), inside);
});

test('a body beyond the limit is refused, and the caller sees why', async () => {
  const { client, detect } = await start({});
  const Bytes = Buffer.alloc(16 * 1024 * 1024);
  await assert.rejects(
    client.send(new DetectDocumentTextCommand({ Document: { Bytes } })),
    DocumentTooLargeException,
  );
  await detect();
});

test('a caller that goes away cancels its document', async () => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<AbortSignal>();
  const { url } = await start({
    read: (_document, { signal } = {}) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason));
        begin(signal as AbortSignal);
      }),
  });
  const body = JSON.stringify({ Document: { Bytes: pixel.toString('base64') } });
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(
    `POST / HTTP/1.1\r\nHost: x\r\nAuthorization: x\r\nX-Amz-Target: Textract.DetectDocumentText\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  const signal = await begun;
  assert.equal(signal.aborted, false);
  const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
  socket.destroy();
  await aborted;
});

test('closing lets the call under way finish', async () => {
  const { promise: finished, resolve: finish } = Promise.withResolvers<[]>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { url, server } = await start({
    read: () => {
      begin();
      return finished;
    },
  });
  const call = post(url, JSON.stringify({ Document: { Bytes: pixel.toString('base64') } }));
  await begun;
  const closed = server.close();
  finish([]);
  const answer = await call;
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('connection'), 'close');
  await closed;
});

test('health tells whether a thread is warm', async () => {
  const warm = await fetch(`${(await start({ ready: 1 })).url}/health`);
  assert.deepEqual(
    [warm.status, await warm.json()],
    [200, { status: 'ok', ready: 1, reading: 0, waiting: 0 }],
  );
  const cold = await fetch(`${(await start({ ready: 0 })).url}/health`);
  assert.equal(cold.status, 503);
});
