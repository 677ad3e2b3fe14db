// Amazon Rekognition's DetectModerationLabels on a page image in S3.
import {
  DetectModerationLabelsCommand,
  type DetectModerationLabelsCommandOutput,
  type ModerationLabel,
  type RekognitionClient,
} from '@aws-sdk/client-rekognition';
import { isTransient } from '../aws/outages.ts';
import { watchForSilence } from '../aws/silence.ts';
import type { ModerationLabelFound, PageFailure } from '../pages/page.ts';
import type { Metrics } from '../runtime/metrics.ts';

/** The result of one call. `flagged`: the image shows what is not allowed. */
export type ModerationOutcome =
  | { outcome: 'passed' }
  | { outcome: 'flagged'; labels: ModerationLabelFound[] }
  | { outcome: 'refused'; failure: PageFailure; cause: unknown }
  | { outcome: 'try-again'; cause: unknown; countsAsAttempt: boolean };

interface Dependencies {
  rekognition: Pick<RekognitionClient, 'send'>;
  bucket: string;
  /** See PIPELINE_STEPS. `except` is in lower case. */
  minConfidence: number;
  except: string[];
  pricePerImage: number;
  metrics: Metrics;
}

/** Rekognition cannot check the image: https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectModerationLabels.html */
const finalErrors = new Set([
  'ImageTooLargeException',
  'InvalidImageFormatException',
  'InvalidParameterException',
]);
const notChecked: PageFailure = {
  code: 'image-not-moderated',
  message: 'The image couldn’t be checked for content that isn’t allowed. Upload a larger or clearer one.',
};

/** Errors that say nothing about the image: they do not count as attempts, nor do transient ones. */
const uncountedErrors = new Set(['AbortError', 'AccessDeniedException']);

const step = 'moderation';

export function createImageModerator(dependencies: Dependencies) {
  const { rekognition, bucket, minConfidence, except, pricePerImage, metrics } = dependencies;

  async function call(key: string, withinMs: number, signal: AbortSignal): Promise<ModerationOutcome> {
    const command = new DetectModerationLabelsCommand({
      Image: { S3Object: { Bucket: bucket, Name: key } },
      MinConfidence: minConfidence,
    });
    const timeIsUp = AbortSignal.timeout(withinMs);
    const wentSilent = watchForSilence(command, timeIsUp);
    let answer: DetectModerationLabelsCommandOutput;
    try {
      answer = await rekognition.send(command, { abortSignal: AbortSignal.any([signal, timeIsUp]) });
    } catch (error) {
      if (wentSilent()) return { outcome: 'try-again', cause: error, countsAsAttempt: true };
      return classify(error);
    }
    // an answer without a list is none: an image must not pass because of it
    if (!Array.isArray(answer.ModerationLabels))
      return {
        outcome: 'try-again',
        cause: new Error('The answer has no ModerationLabels'),
        countsAsAttempt: true,
      };
    const labels = findUnwanted(answer.ModerationLabels, { minConfidence, except });
    return labels.length > 0 ? { outcome: 'flagged', labels } : { outcome: 'passed' };
  }

  return {
    /** Retries within `withinMs`. `signal` ends it earlier. */
    async moderate(key: string, withinMs: number, signal: AbortSignal): Promise<ModerationOutcome> {
      const answer = await call(key, withinMs, signal);
      metrics.count('paperlift_step_calls_total', { step, outcome: answer.outcome });
      if (answer.outcome === 'passed' || answer.outcome === 'flagged')
        metrics.count('paperlift_step_cost_total', { step }, pricePerImage);
      return answer;
    },
  };
}

export type ImageModerator = ReturnType<typeof createImageModerator>;

/** The labels that are not allowed: neither they nor a category above them is excepted. */
function findUnwanted(
  labels: ModerationLabel[],
  { minConfidence, except }: { minConfidence: number; except: string[] },
): ModerationLabelFound[] {
  const parents = new Map(labels.map(({ Name = '', ParentName = '' }) => [Name, ParentName]));
  const isExcepted = (name: string): boolean => {
    const seen = new Set<string>();
    for (let at = name; at !== '' && !seen.has(at); at = parents.get(at) ?? '') {
      if (except.includes(at.toLowerCase())) return true;
      seen.add(at);
    }
    return false;
  };
  return labels.flatMap(({ Name: name = '', Confidence: confidence = 100 }) =>
    confidence >= minConfidence && !isExcepted(name) ? [{ name, confidence: Math.round(confidence) }] : [],
  );
}

/** By exact name. */
function classify(error: unknown): ModerationOutcome {
  const { name } = error as Error;
  if (finalErrors.has(name)) return { outcome: 'refused', failure: notChecked, cause: error };
  return {
    outcome: 'try-again',
    cause: error,
    countsAsAttempt: !uncountedErrors.has(name) && !isTransient(error),
  };
}
