// Why a page or a file failed, in the API.
import * as z from 'zod';
import { isRetryable } from './retryable.ts';

/** `retryable`: a retry may help. */
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
