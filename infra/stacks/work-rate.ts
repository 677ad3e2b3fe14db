// How many pages may be processed at once within Textract's quota.
import type { Deployment } from '../config.ts';

/**
 * The minimum time for one page, including fetching and preparing the image. With that many at once, calls stay within
 * the quota. Textract alone takes one to several seconds.
 */
const secondsPerPage = 1;

export function pagesAtOnce({ textractCallsPerSecond }: Deployment): number {
  return textractCallsPerSecond * secondsPerPage;
}
