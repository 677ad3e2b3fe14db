// Wires the Textract-compatible server: S3 client, reading processes, HTTP.
import { availableParallelism } from 'node:os';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { RuntimeChoice } from './engine/runtime.ts';
import { createReaderPool } from './reader-pool.ts';
import { createTextractServer, type TextractLogger } from './textract-server.ts';

export interface TextractServerOptions {
  port: number;
  host?: string;
  /** A client, or what makes one (without credentials: the SDK's own chain). */
  s3: S3Client | { endpoint?: string; region?: string; credentials?: S3ClientConfig['credentials'] };
  callsPerSecond: number;
  /** Reading processes; one a processor unless given, two at most. */
  workers?: number;
  /** BCP 47 tags: of documents that name no language. */
  languages?: string[];
  /** PP-OCR models that replace those of the package. */
  modelsDirectory?: string;
  /** Which build of ONNX Runtime: the native one where it loads, unless given. */
  runtime?: RuntimeChoice;
  logger?: TextractLogger;
}

/** Starts the server. It listens when this resolves; calls wait until one is warm (about a second). */
export async function startTextractServer(options: TextractServerOptions) {
  const { logger } = options;
  const ownS3 = options.s3 instanceof S3Client ? undefined : createS3Client(options.s3);
  const ocr = createReaderPool({
    readers: options.workers ?? defaultWorkers(),
    settings: {
      languages: options.languages ?? ['en'],
      modelsDirectory: options.modelsDirectory,
      runtime: options.runtime,
    },
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

/** A process takes 200 MB or more: more than two are for those who have it. */
export function defaultWorkers(): number {
  return Math.min(2, availableParallelism());
}

function createS3Client(settings: Exclude<TextractServerOptions['s3'], S3Client>): S3Client {
  return new S3Client({
    region: settings.region ?? 'us-east-1',
    ...(settings.endpoint ? { endpoint: settings.endpoint, forcePathStyle: true } : {}),
    ...(settings.credentials ? { credentials: settings.credentials } : {}),
  });
}
