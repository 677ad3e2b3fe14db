// Addresses with which a browser reaches one object of S3 by itself, for some minutes.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
import type { S3Client } from '@aws-sdk/client-s3';

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
  // Loaded when the first address is signed: most processes sign none for a while, and cold starts pay for imports.
  async function sign(command: 'GetObject' | 'PutObject', input: object, options: object): Promise<string> {
    const [{ getSignedUrl }, commands] = await Promise.all([
      import('@aws-sdk/s3-request-presigner'),
      import('@aws-sdk/client-s3'),
    ]);
    const Command = commands[`${command}Command`] as typeof commands.GetObjectCommand;
    return getSignedUrl(s3, new Command(input as { Bucket: string; Key: string }), options);
  }

  return {
    /** For storing one object of exactly this type and length, within five minutes. */
    async signPut(key: string, { contentType, sizeBytes }: { contentType: string; sizeBytes: number }) {
      const url = await sign(
        'PutObject',
        { Bucket: bucket, Key: key, ContentType: contentType, ContentLength: sizeBytes },
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
      sign(
        'GetObject',
        {
          Bucket: bucket,
          Key: key,
          ResponseContentType: contentType,
          ResponseCacheControl: 'no-store',
          ...(disposition ? { ResponseContentDisposition: disposition } : {}),
        },
        { expiresIn: downloadSeconds },
      ),
  };
}

export type Presigner = ReturnType<typeof createPresigner>;
