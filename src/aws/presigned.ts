// URLs with which a browser reads or stores one S3 object for some minutes.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

interface Dependencies {
  /** A client whose endpoint browsers can reach. */
  s3: S3Client;
  bucket: string;
}

export interface PresignedPut {
  url: string;
  method: 'PUT';
  /** Must be sent exactly as given: they are signed. The length is signed too, and every client sends it. */
  headers: Record<string, string>;
  expiresInSeconds: number;
}

const uploadSeconds = 300;
const downloadSeconds = 120;

export function createPresigner({ s3, bucket }: Dependencies) {
  return {
    /** A URL that stores one object of exactly this type and length, for five minutes. */
    async signPut(key: string, { contentType, sizeBytes }: { contentType: string; sizeBytes: number }) {
      const url = await getSignedUrl(
        s3,
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          ContentType: contentType,
          ContentLength: sizeBytes,
        }),
        // Named because the presigner leaves both out of the signature by default.
        { expiresIn: uploadSeconds, signableHeaders: new Set(['host', 'content-type', 'content-length']) },
      );
      const signed: PresignedPut = {
        url,
        method: 'PUT',
        headers: { 'content-type': contentType },
        expiresInSeconds: uploadSeconds,
      };
      return signed;
    },

    /** A URL that reads one object for two minutes, with the headers that Paperlift would send. */
    signGet: (key: string, { contentType, disposition }: { contentType: string; disposition?: string }) =>
      getSignedUrl(
        s3,
        new GetObjectCommand({
          Bucket: bucket,
          Key: key,
          ResponseContentType: contentType,
          ResponseCacheControl: 'no-store',
          ...(disposition ? { ResponseContentDisposition: disposition } : {}),
        }),
        { expiresIn: downloadSeconds },
      ),
  };
}

export type Presigner = ReturnType<typeof createPresigner>;
