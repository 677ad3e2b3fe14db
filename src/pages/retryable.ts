// Whether it helps to try a failed page or file again. It does after what may pass: an outage, a machine that is busy or
// short of memory. What is wrong with the file itself stays wrong.
import { PaperliftError } from '../errors.ts';

interface Failed {
  status: string;
  failure?: { code: string; message: string };
}

const passingFailures = new Set([
  'tried-too-often',
  'file-too-complex',
  'drawing-failed',
  'page-limit-reached',
]);

/** Of a page or an import. One that failed without a reason may succeed, too. */
export function isRetryable({ status, failure }: Failed): boolean {
  return status === 'failed' && (failure === undefined || passingFailures.has(failure.code));
}

/** Refuses to try again what would fail again, with the reason that stands. */
export function retryIsFutile({ failure }: Pick<Failed, 'failure'>): PaperliftError {
  return new PaperliftError('conflict', {
    code: 'retry-cannot-help',
    message: 'Trying again won’t help.',
    ...(failure ? { hint: failure.message } : {}),
  });
}
