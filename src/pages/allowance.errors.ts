import { PaperliftError } from '../errors.ts';
import type { Allowance } from './allowance.ts';

const count = (pages: number) => `${pages.toLocaleString('en-US')} page${pages === 1 ? '' : 's'}`;

/** `page-limit-reached`: this many pages are more than are left of the day. */
export function limitReached({ pagesPerDay, pagesLeft, resetsAt }: Allowance, pages: number, now: Date) {
  const most = `The limit is ${count(pagesPerDay)} a day.`;
  const later = 'Try again after midnight UTC.';
  return new PaperliftError('too-many', {
    code: 'page-limit-reached',
    message:
      pagesLeft === 0
        ? `You can’t add more pages today. ${most}`
        : `You can add ${count(pagesLeft)} more today, but this is ${count(pages)}. ${most}`,
    hint:
      pages > pagesPerDay
        ? 'Split it into smaller parts.'
        : pagesLeft === 0
          ? later
          : `Upload fewer pages. Or: ${later[0]?.toLowerCase()}${later.slice(1)}`,
    retryAfterSeconds: Math.max(1, Math.ceil((resetsAt.getTime() - now.getTime()) / 1000)),
  });
}
