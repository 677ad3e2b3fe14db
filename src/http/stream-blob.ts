import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { Blob } from '../aws/blob-store.ts';

interface File {
  blob: Blob;
  contentType: string;
  /** Given for what is to be saved rather than shown; encoded as RFC 6266 asks. */
  fileName?: string;
}

/** Sends an object from S3. What people uploaded cannot run anything, whatever it is (V3.2.1). */
export async function streamBlob(response: Response, { blob, contentType, fileName }: File) {
  response.setHeader('Content-Security-Policy', "default-src 'none'; sandbox; frame-ancestors 'none'");
  if (fileName) response.attachment(fileName);
  response.setHeader('Content-Type', contentType);
  response.setHeader('Content-Length', blob.sizeBytes);
  try {
    await pipeline(blob.body, response);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
