import {
  DetectDocumentTextCommand,
  type DetectDocumentTextCommandOutput,
  TextractClient,
} from '@aws-sdk/client-textract';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { isTransient } from '../aws/outages.ts';
import type { AwsSettings } from '../aws/settings.ts';
import { watchForSilence } from '../aws/silence.ts';
import { traceCalls } from '../aws/trace-calls.ts';
import type { PageFailure } from '../pages/page.ts';
import { createMetrics, type Metrics } from '../runtime/metrics.ts';
import type { Detection } from '../text/detected-text.ts';
import { parseBlocks, UnreadableAnswerError } from './textract-blocks.ts';

/** The result of one call: the text, a final failure of the page, or a reason to retry. */
export type DetectionOutcome =
  | { outcome: 'detected'; detection: Detection }
  | { outcome: 'refused'; failure: PageFailure; cause: unknown }
  | { outcome: 'try-again'; cause: unknown; countsAsAttempt: boolean };

/** Textract's final errors, as people read them. See "Errors" of DetectDocumentText in the Textract API reference. */
const refusals: Record<string, PageFailure> = {
  BadDocumentException: {
    code: 'document-unreadable',
    message: 'Text detection couldn’t read this image. Retake the photo or upload another file.',
  },
  UnsupportedDocumentException: {
    code: 'document-unsupported',
    message: 'Text detection doesn’t support this type of image. Upload it as JPEG or PNG.',
  },
  DocumentTooLargeException: {
    code: 'document-too-large',
    message: 'The image is too large for text detection. Upload a smaller one.',
  },
  InvalidParameterException: {
    code: 'document-refused',
    message: 'Text detection rejected this image. Upload another file.',
  },
};

/** Errors that say nothing about the page: they do not count as attempts, nor do transient ones. */
const uncountedErrors = new Set(['AbortError', 'AccessDeniedException', 'LimitExceededException']);

/** Calls Textract's DetectDocumentText on an object in S3. */
export function createTextDetector({
  aws,
  metrics = createMetrics(),
  pricePerPage = 0,
}: {
  aws: AwsSettings;
  metrics?: Metrics;
  pricePerPage?: number;
}) {
  const textract = new TextractClient({
    region: aws.region,
    ...(aws.textract.endpoint ? { endpoint: aws.textract.endpoint } : {}),
    maxAttempts: 4,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 2000,
      requestTimeout: aws.textract.timeoutMs,
      throwOnRequestTimeout: true,
    }),
  });
  traceCalls(textract);

  async function call(key: string, withinMs: number, signal: AbortSignal): Promise<DetectionOutcome> {
    const command = new DetectDocumentTextCommand({
      Document: { S3Object: { Bucket: aws.s3.bucket, Name: key } },
    });
    const timeIsUp = AbortSignal.timeout(withinMs);
    const wentSilent = watchForSilence(command, timeIsUp);
    let answer: DetectDocumentTextCommandOutput;
    try {
      answer = await textract.send(command, { abortSignal: AbortSignal.any([signal, timeIsUp]) });
    } catch (error) {
      // a page on which the detector hangs must use up its attempts, or it would be retried for ever
      if (wentSilent()) return { outcome: 'try-again', cause: error, countsAsAttempt: true };
      return classify(error);
    }
    try {
      return { outcome: 'detected', detection: parseBlocks(answer.Blocks) };
    } catch (error) {
      if (!(error instanceof UnreadableAnswerError)) throw error;
      return { outcome: 'try-again', cause: error, countsAsAttempt: true };
    }
  }

  return {
    /** Retries within `withinMs`. `signal` ends it earlier. */
    async detect(key: string, withinMs: number, signal: AbortSignal): Promise<DetectionOutcome> {
      const answer = await call(key, withinMs, signal);
      metrics.count('paperlift_detector_calls_total', { outcome: answer.outcome });
      if (answer.outcome === 'detected') metrics.count('paperlift_detector_cost_total', {}, pricePerPage);
      return answer;
    },

    destroy: () => textract.destroy(),
  };
}

export type TextDetector = ReturnType<typeof createTextDetector>;

/**
 * By exact name. An error that is neither final nor known to be transient (such as a malformed answer) counts as an
 * attempt.
 */
function classify(error: unknown): DetectionOutcome {
  const name = (error as Error).name;
  const failure = Object.hasOwn(refusals, name) ? refusals[name] : undefined;
  if (failure) return { outcome: 'refused', failure, cause: error };
  const countsAsAttempt = !uncountedErrors.has(name) && !isTransient(error);
  return { outcome: 'try-again', cause: error, countsAsAttempt };
}
