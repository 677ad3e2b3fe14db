// Puts the same bytes into the same S3 with the SDK alone.
import { DeleteObjectsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** Puts the body `count` times at once and deletes it again; the seconds that putting took. */
export async function putBySdk(work: {
  endpoint: string;
  bucket: string;
  count: number;
  body: Buffer;
  timeAll: (once: (index: number) => Promise<unknown>) => Promise<number>;
}): Promise<number> {
  const { endpoint, bucket, count, body, timeAll } = work;
  const s3 = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: new NodeHttpHandler({ httpAgent: { keepAlive: true, maxSockets: count } }),
  });
  const keyOf = (index: number) => `benchmark/${index}`;
  try {
    const seconds = await timeAll((index) =>
      s3.send(new PutObjectCommand({ Bucket: bucket, Key: keyOf(index), Body: body })),
    );
    const Objects = Array.from({ length: count }, (_, index) => ({ Key: keyOf(index) }));
    await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
    return seconds;
  } finally {
    s3.destroy();
  }
}
