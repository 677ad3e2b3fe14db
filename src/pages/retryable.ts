// Whether a retry of a failed page or file may help: after an outage, or when a machine was busy or short of memory. A
// faulty file stays faulty.
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

/** For a page or an import. One that failed without a reason is retryable. */
export function isRetryable({ status, failure }: Failed): boolean {
  return status === 'failed' && (failure === undefined || passingFailures.has(failure.code));
}

/** The error of retrying what would fail again, with the original reason. */
export function retryIsFutile({ failure }: Pick<Failed, 'failure'>): PaperliftError {
  return new PaperliftError('conflict', {
    code: 'retry-cannot-help',
    message: 'Trying again won’t help.',
    ...(failure ? { hint: failure.message } : {}),
  });
}
