import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { Blob } from '../aws/blob-store.ts';
import type { Presigner } from '../aws/presigned.ts';
import { contentDisposition } from './attachment-name.ts';

interface File {
  blob: Blob;
  contentType: string;
  /** Set for downloads; encoded as in RFC 6266. */
  fileName?: string;
  /** Shown in the browser under that name. Only for files that Paperlift made. */
  isShown?: boolean;
}

interface Dependencies {
  presigner: Presigner;
  /** Larger objects are redirected to S3. */
  aboveBytes: number | undefined;
}

/** What `pipeline` says when the client left while the object was sent, or before. */
const departures = new Set(['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_UNABLE_TO_PIPE']);

const storedPolicy = "default-src 'none'; sandbox; frame-ancestors 'none'";
/** Without `sandbox`, with which Chromium's PDF viewer does not start. */
const shownPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'";

/**
 * Sends an object from S3, or redirects to it when it is too large for a response. Uploaded content cannot execute
 * (V3.2.1).
 */
export function createBlobSender({ presigner, aboveBytes = Number.POSITIVE_INFINITY }: Dependencies) {
  return async (response: Response, { blob, contentType, fileName, isShown = false }: File) => {
    response.setHeader('Content-Security-Policy', isShown ? shownPolicy : storedPolicy);
    const disposition = fileName && contentDisposition(isShown ? 'inline' : 'attachment', fileName);
    if (blob.sizeBytes > aboveBytes) {
      blob.body.destroy();
      const url = await presigner.signGet(blob.key, {
        contentType,
        ...(disposition ? { disposition } : {}),
      });
      return response.redirect(302, url);
    }
    if (disposition) response.setHeader('Content-Disposition', disposition);
    response.setHeader('Content-Type', contentType);
    response.setHeader('Content-Length', blob.sizeBytes);
    try {
      await pipeline(blob.body, response);
    } catch (error) {
      // `pipeline` leaves it open where the client left before S3 answered; its connection would never be free again
      blob.body.destroy();
      if (!departures.has((error as { code?: string }).code ?? '')) throw error;
    }
  };
}

export type SendBlob = ReturnType<typeof createBlobSender>;
