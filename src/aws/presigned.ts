// Addresses with which a browser reaches one object of S3 by itself, for some minutes.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

interface Dependencies {
  /** A client whose endpoint is the one that browsers reach. */
  s3: S3Client;
  bucket: string;
}

export interface PresignedPut {
  url: string;
  method: 'PUT';
  /** To be sent exactly so: they are signed. The length is signed as well, and sent by every client by itself. */
  headers: Record<string, string>;
  expiresInSeconds: number;
}

const uploadSeconds = 300;
const downloadSeconds = 120;

export function createPresigner({ s3, bucket }: Dependencies) {
  return {
    /** For storing one object of exactly this type and length, within five minutes. */
    async signPut(key: string, { contentType, sizeBytes }: { contentType: string; sizeBytes: number }) {
      const url = await getSignedUrl(
        s3,
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          ContentType: contentType,
          ContentLength: sizeBytes,
        }),
        // Named, because the presigner leaves both out of the signature otherwise.
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

    /** For reading one object within two minutes, with the headers that Paperlift itself would send. */
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
