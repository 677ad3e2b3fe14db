// How many pages may be worked on at once, so that Textract's quota holds.
import type { Deployment } from '../config.ts';

/**
 * The least time that one page takes a worker, fetching and preparing the image included: with so many at once, there
 * are never more calls a second than the quota allows. Textract alone answers in one to several seconds.
 */
const secondsPerPage = 1;

export function pagesAtOnce({ textractCallsPerSecond }: Deployment): number {
  return textractCallsPerSecond * secondsPerPage;
}
