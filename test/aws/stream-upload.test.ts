import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { createStreamUpload } from '../../src/aws/stream-upload.ts';
import { startObjectStoreAndQueues } from '../../src/local/object-store-and-queues.stand-in.ts';

const bucket = 'paperlift';
const part = 5 * 1024 * 1024;
let directory: string;
let standIn: Awaited<ReturnType<typeof startObjectStoreAndQueues>>;
let s3: S3Client;

before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'paperlift-stream-upload-'));
  standIn = await startObjectStoreAndQueues({ directory, port: 0, region: 'us-east-1', bucket, queues: [] });
  s3 = new S3Client({
    endpoint: standIn.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
});

after(async () => {
  s3.destroy();
  await standIn.stop();
  await rm(directory, { recursive: true, force: true });
});

async function* inChunks(content: Buffer, size = 64 * 1024 + 1) {
  for (let start = 0; start < content.length; start += size) yield content.subarray(start, start + size);
}

async function read(Key: string): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
  return buffer(Body as AsyncIterable<Buffer>);
}

test('what is stored is what was sent, whatever its length', async () => {
  const upload = createStreamUpload({ s3, bucket });
  for (const length of [0, 1, part - 1, part, part + 1, 2 * part, 2 * part + 1]) {
    const content = randomBytes(length);
    await upload(`length/${length}`, inChunks(content), 'image/jpeg');
    assert.ok(content.equals(await read(`length/${length}`)), `${length} bytes`);
  }
  const { ContentType } = await s3.send(
    new HeadObjectCommand({ Bucket: bucket, Key: `length/${2 * part + 1}` }),
  );
  assert.equal(ContentType, 'image/jpeg');
});

test('a chunk of several parts is cut', async () => {
  const content = randomBytes(2 * part + 17);
  await createStreamUpload({ s3, bucket })('one-chunk', inChunks(content, content.length), 'image/jpeg');
  assert.ok(content.equals(await read('one-chunk')));
});

test('streams that are stored at once, and after each other, do not mix', async () => {
  const upload = createStreamUpload({ s3, bucket });
  const contents = Array.from({ length: 4 }, (_, index) => Buffer.alloc(part + index * 1000, index + 1));
  for (const round of ['first', 'second']) {
    await Promise.all(
      contents.map((content, index) => upload(`${round}/${index}`, inChunks(content), 'image/jpeg')),
    );
    for (const [index, content] of contents.entries()) {
      assert.ok(content.equals(await read(`${round}/${index}`)), `${round} ${index}`);
    }
  }
});

test('a stream that breaks off leaves nothing, no parts either', async () => {
  const upload = createStreamUpload({ s3, bucket });
  const called: (string | undefined)[] = [];
  s3.middlewareStack.add(
    (next, context) => (args) => {
      called.push(context.commandName);
      return next(args);
    },
    { step: 'initialize', name: 'record' },
  );
  async function* breaksOff() {
    yield* inChunks(randomBytes(part + 1000));
    throw new Error('broken off');
  }
  await assert.rejects(upload('broken', breaksOff(), 'image/jpeg'), /broken off/);
  s3.middlewareStack.remove('record');
  assert.deepEqual(called, [
    'CreateMultipartUploadCommand',
    'UploadPartCommand',
    'AbortMultipartUploadCommand',
  ]);
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'broken' }));
  assert.deepEqual(Contents, []);
});
