// Puts streams of unknown length into S3, part by part, in memory that is used again: for every stream one part, of the
// least size that S3 takes. (The SDK's own `Upload` makes new parts all the time, and two of each.)
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html: all parts but the last are 5 MiB at least. */
const partBytes = 5 * 1024 * 1024;
const sparePartsKept = 8;

interface Target {
  Bucket: string;
  Key: string;
  ContentType: string;
}

export function createStreamUpload({ s3, bucket }: { s3: Pick<S3Client, 'send'>; bucket: string }) {
  const spareParts: Buffer[] = [];

  /** Rejects with what S3 or the stream throws; a multipart upload is aborted then. */
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
      throw error; // and the part is not used again: who knows whether it is still being sent
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

    /** What does not succeed is left to the bucket's lifecycle rule. */
    async abort() {
      if (UploadId) await s3.send(new AbortMultipartUploadCommand({ ...object, UploadId })).catch(() => {});
    },
  };
}
