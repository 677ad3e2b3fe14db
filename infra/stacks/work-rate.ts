// How many pages may be processed at once, so that Textract's quota is used.
import type { Deployment } from '../config.ts';

/**
 * What a page takes of a worker, most of which it waits for Textract. The calls themselves are counted by all workers together
 * (`DETECTOR_CALLS_PER_SECOND`), so that they stay within the quota also when pages take less.
 */
const secondsPerPage = 3;
/** The maximum concurrency of an SQS event source of Lambda. */
const maxAtOnce = 1000;

export function pagesAtOnce({ textractCallsPerSecond }: Deployment): number {
  return Math.min(maxAtOnce, textractCallsPerSecond * secondsPerPage);
}
