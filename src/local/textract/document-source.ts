// Fetches a document's bytes, and refuses what Textract refuses before any of its pixels are decoded.
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import sharp from 'sharp';
import { estimateDecoding, maxDecodingBytes } from '../../files/decoding-cost.ts';
import { readImageHeader } from '../../files/file-inspector.ts';
import { findLanguage } from './engine/languages.ts';
import { TextractError } from './textract.errors.ts';
import type { DocumentPlace } from './textract.request.ts';

/** https://docs.aws.amazon.com/textract/latest/dg/limits-document.html */
export const largestDocumentBytes = 10 * 1024 * 1024;
const longestSide = 10_000;
const maxPixels = 100_000_000;

const unreachable = new Set([
  'NoSuchKey',
  'NoSuchBucket',
  'NoSuchVersion',
  'NotFound',
  'AccessDenied',
  'Forbidden',
  'InvalidBucketName',
  'InvalidObjectState',
  'InvalidArgument',
  'PermanentRedirect',
  'MethodNotAllowed',
]);

export interface LoadedDocument {
  document: Uint8Array;
  /** What it costs to decode. */
  bytes: number;
  /** BCP 47 tags, where the object's metadata names languages. */
  languages?: string[];
}

/** Answers with a JPEG or PNG whose header promises a size that may be read. Throws TextractError. */
export async function loadDocument(
  s3: S3Client,
  place: DocumentPlace,
  signal: AbortSignal,
): Promise<LoadedDocument> {
  const { bytes, languages } = 'bytes' in place ? { bytes: place.bytes } : await getObject(s3, place, signal);
  if (bytes.length > largestDocumentBytes) throw tooLarge();
  return { document: bytes, bytes: bytes.length + (await checkHeader(bytes)), languages };
}

/** Of an object's `languages`, such as `de, en`, those that the server reads: a page is not refused for the others. */
function parseLanguages(metadata: Record<string, string> | undefined): string[] | undefined {
  const names = (metadata?.languages ?? '').split(/[\s,+]+/).filter(Boolean);
  const tags = [...new Set(names.flatMap((name) => findLanguage(name) ?? []))];
  return tags.length > 0 ? tags : undefined;
}

async function getObject(
  s3: S3Client,
  place: { bucket: string; key: string; version: string | undefined },
  signal: AbortSignal,
): Promise<{ bytes: Uint8Array; languages?: string[] }> {
  const aborted = AbortSignal.any([signal, AbortSignal.timeout(30_000)]);
  try {
    const { Body, ContentLength, Metadata } = await s3.send(
      new GetObjectCommand({ Bucket: place.bucket, Key: place.key, VersionId: place.version }),
      { abortSignal: aborted },
    );
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of Body as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      // Leaving the loop destroys the stream, and with it the connection.
      if ((ContentLength ?? 0) > largestDocumentBytes || length > largestDocumentBytes) throw tooLarge();
      chunks.push(chunk);
    }
    return { bytes: Buffer.concat(chunks), languages: parseLanguages(Metadata) };
  } catch (cause) {
    if (cause instanceof TextractError) throw cause;
    if (cause instanceof Error && unreachable.has(cause.name)) {
      throw new TextractError(
        'InvalidS3ObjectException',
        'Unable to get object metadata from S3. Check object key, region and/or access permissions.',
        { cause },
      );
    }
    signal.throwIfAborted();
    throw new TextractError('InternalServerError', 'S3 did not respond. Try your call again.', { cause });
  }
}

function tooLarge(): TextractError {
  return new TextractError(
    'DocumentTooLargeException',
    `The document is larger than ${largestDocumentBytes} bytes, ${longestSide} pixels per side or ${maxPixels / 1e6} megapixels.`,
  );
}

/** Unlike Textract's own, this server refuses what takes too much memory. */
async function checkHeader(bytes: Uint8Array): Promise<number> {
  if (!isJpeg(bytes) && !isPng(bytes)) {
    throw new TextractError(
      'UnsupportedDocumentException',
      'Request has unsupported document format: this server supports JPEG and PNG.',
    );
  }
  const {
    width,
    height,
    orientation = 1,
  } = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((cause) => {
      throw badDocument(cause);
    });
  if (width > longestSide || height > longestSide || width * height > maxPixels) throw tooLarge();
  const header = readImageHeader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (!header) throw badDocument(new Error('The header is damaged'));
  const cost = estimateDecoding(header, { isTurned: orientation > 1 });
  if (cost > maxDecodingBytes) throw tooLarge();
  return cost;
}

/** For an image that cannot be decoded. */
export function badDocument(cause: unknown): TextractError {
  return new TextractError(
    'BadDocumentException',
    'The document cannot be read: it is damaged or incomplete.',
    {
      cause,
    },
  );
}

function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

function isPng(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 8)).equals(
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  );
}
