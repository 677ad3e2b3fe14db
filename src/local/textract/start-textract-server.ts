// Wires the Textract-compatible server: S3 client, Tesseract threads, HTTP.
import { availableParallelism } from 'node:os';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { gatherLanguages } from './language-data.ts';
import { createTesseractPool } from './tesseract-pool.ts';
import { createTextractServer, type TextractLogger } from './textract-server.ts';

export interface TextractServerOptions {
  port: number;
  host?: string;
  /** A client, or what makes one (without credentials: the SDK's own chain). */
  s3: S3Client | { endpoint?: string; region?: string; credentials?: S3ClientConfig['credentials'] };
  callsPerSecond: number;
  /** Tesseract threads; one a core unless given. */
  workers?: number;
  /** Tesseract's language codes, each of an installed `@tesseract.js-data` package. */
  languages?: string[];
  logger?: TextractLogger;
}

/** Starts the server. It listens when this resolves; calls wait until a thread is warm (about a second). */
export async function startTextractServer(options: TextractServerOptions) {
  const { logger } = options;
  const languages = options.languages ?? ['eng'];
  const data = await gatherLanguages(languages);
  const ownS3 = options.s3 instanceof S3Client ? undefined : createS3Client(options.s3);
  const ocr = createTesseractPool({
    threads: options.workers ?? availableParallelism(),
    settings: { languages, dataPath: data.path },
    logger,
  });
  const server = createTextractServer({
    ocr,
    s3: ownS3 ?? (options.s3 as S3Client),
    callsPerSecond: options.callsPerSecond,
    logger,
  });
  const release = async () => {
    await ocr.close();
    ownS3?.destroy();
    await data.remove();
  };
  try {
    const url = await server.listen(options.port, options.host ?? '127.0.0.1');
    return {
      url,
      async close(): Promise<void> {
        await server.close();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

function createS3Client(settings: Exclude<TextractServerOptions['s3'], S3Client>): S3Client {
  return new S3Client({
    region: settings.region ?? 'us-east-1',
    ...(settings.endpoint ? { endpoint: settings.endpoint, forcePathStyle: true } : {}),
    ...(settings.credentials ? { credentials: settings.credentials } : {}),
  });
}
