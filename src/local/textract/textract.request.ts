// Parses the body of a DetectDocumentText call.
import { z } from 'zod';
import { TextractError } from './textract.errors.ts';

// https://docs.aws.amazon.com/textract/latest/dg/API_S3Object.html
const s3Object = z.object({
  Bucket: z.string().regex(/^[0-9A-Za-z.\-_]{3,255}$/),
  Name: z.string().min(1).max(1024).regex(/\S/),
  Version: z.string().min(1).max(1024).nullish(),
});

const request = z.object({
  Document: z.object({ Bytes: z.string().nullish(), S3Object: s3Object.nullish() }),
});

export type DocumentPlace = { bytes: Buffer } | { bucket: string; key: string; version: string | undefined };

/** Where the document is. Throws SerializationException and InvalidParameterException as Textract does. */
export function parseDetectDocumentText(body: Buffer): DocumentPlace {
  const parsed = request.safeParse(parseJson(body));
  if (!parsed.success) {
    const wrongType = parsed.error.issues.some(
      (issue) => issue.code === 'invalid_type' && !/received (undefined|null)/.test(issue.message),
    );
    throw wrongType
      ? new TextractError('SerializationException', 'The request has a value of the wrong type.')
      : new TextractError('InvalidParameterException', 'Request has invalid parameters');
  }
  const { Bytes: base64, S3Object: object } = parsed.data.Document;
  if (base64 != null && object) {
    throw new TextractError('InvalidParameterException', 'Request has both Bytes and S3Object: give one');
  }
  if (object) return { bucket: object.Bucket, key: object.Name, version: object.Version ?? undefined };
  if (!base64) throw new TextractError('InvalidParameterException', 'Request has neither Bytes nor S3Object');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64) || base64.length % 4 !== 0) {
    throw new TextractError('SerializationException', 'Bytes is not base64.');
  }
  return { bytes: Buffer.from(base64, 'base64') };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new TextractError('SerializationException', 'The request is not JSON.', { cause });
  }
}
