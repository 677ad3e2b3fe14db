// Why a page or a file failed, as the API gives it.
import * as z from 'zod';
import { isRetryable } from './retryable.ts';

/** `retryable`: trying again may help. */
export const failureAnswer = z.strictObject({
  code: z.string(),
  message: z.string(),
  retryable: z.boolean(),
});

export function toFailureAnswer(item: { status: string; failure?: { code: string; message: string } }): {
  failure?: z.infer<typeof failureAnswer>;
} {
  const { status, failure } = item;
  if (status !== 'failed' || !failure) return {};
  return { failure: { ...failure, retryable: isRetryable(item) } };
}
