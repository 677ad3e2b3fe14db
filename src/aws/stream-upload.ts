// Stores streams of unknown length in S3, part by part. Each stream uses one buffer of S3's minimum part size, and
// buffers are reused. (The SDK's `Upload` allocates two new buffers for every part.)
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';

/**
 * All parts but the last are at least 5 MiB: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
 */
const partBytes = 5 * 1024 * 1024;
const sparePartsKept = 8;

interface Target {
  Bucket: string;
  Key: string;
  ContentType: string;
}

export function createStreamUpload({ s3, bucket }: { s3: Pick<S3Client, 'send'>; bucket: string }) {
  const spareParts: Buffer[] = [];

  /** Rejects with the error of S3 or the stream, after aborting the multipart upload. */
  async function upload(key: string, body: AsyncIterable<Buffer>, contentType: string): Promise<void> {
    const part = spareParts.pop() ?? Buffer.allocUnsafeSlow(partBytes);
    const target = { Bucket: bucket, Key: key, ContentType: contentType };
    const multipart = createMultipart(s3, target);
    let filled = 0;
    try {
      for await (const chunk of body) {
        let copied = 0;
        while (copied < chunk.length) {
          if (filled === partBytes) {
            await multipart.put(part);
            filled = 0;
          }
          const taken = chunk.copy(part, filled, copied);
          filled += taken;
          copied += taken;
        }
      }
      const last = part.subarray(0, filled);
      if (multipart.isEmpty()) await s3.send(new PutObjectCommand({ ...target, Body: last }));
      else await multipart.finish(last);
    } catch (error) {
      await multipart.abort();
      throw error; // the buffer is not reused: it may still be being sent
    }
    if (spareParts.length < sparePartsKept) spareParts.push(part);
  }

  return upload;
}

function createMultipart(s3: Pick<S3Client, 'send'>, { ContentType, ...object }: Target) {
  const parts: { PartNumber: number; ETag?: string; ChecksumCRC32?: string }[] = [];
  let UploadId: string | undefined;

  async function put(Body: Buffer) {
    if (!UploadId) {
      const command = new CreateMultipartUploadCommand({
        ...object,
        ContentType,
        ChecksumAlgorithm: 'CRC32',
      });
      ({ UploadId } = await s3.send(command));
    }
    const PartNumber = parts.length + 1;
    const command = new UploadPartCommand({
      ...object,
      UploadId,
      PartNumber,
      Body,
      ChecksumAlgorithm: 'CRC32',
    });
    const { ETag, ChecksumCRC32 } = await s3.send(command);
    parts.push({ PartNumber, ETag, ChecksumCRC32 });
  }

  return {
    put,
    isEmpty: () => UploadId === undefined,

    async finish(last: Buffer) {
      await put(last);
      const MultipartUpload = { Parts: parts };
      await s3.send(new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload }));
    },

    /** If aborting fails, the bucket's lifecycle rule removes the parts. */
    async abort() {
      if (UploadId) await s3.send(new AbortMultipartUploadCommand({ ...object, UploadId })).catch(() => {});
    },
  };
}
