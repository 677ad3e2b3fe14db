// Turns what only time can mend (network errors, time-outs, throttling, 5xx) into one `unavailable` error that names
// the dependency, after the SDK's own retries. Errors that mean something to a store keep their names.
import { isPaperliftError, unavailable } from '../errors.ts';

const transientNames = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'InternalServerError',
  'SlowDown',
  'RequestTimeout', // S3's 400 when a body came too slowly
  'RequestThrottled', // SQS's
  'TimeoutError',
]);

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);

/** Whether the call may succeed when it is made again later. */
export function isTransient(error: unknown): boolean {
  if (isPaperliftError(error)) return error.kind === 'unavailable';
  if (!(error instanceof Error)) return false;
  const { code, $metadata } = error as { code?: string; $metadata?: { httpStatusCode?: number } };
  return (
    transientNames.has(error.name) ||
    (code !== undefined && networkCodes.has(code)) ||
    ($metadata?.httpStatusCode ?? 0) >= 500
  );
}

/** What all SDK clients have, whatever their commands. */
export interface SdkClient {
  middlewareStack: {
    add: (
      // biome-ignore lint/suspicious/noExplicitAny: the SDK's middleware types are generic over every command
      middleware: any,
      options: { step: 'initialize'; name: string; priority: 'high' },
    ) => void;
  };
}

/** Makes a client's transient errors `unavailable` errors of that dependency. */
export function reportOutages<C>(client: C, dependency: string): C {
  const sdk = client as SdkClient;
  sdk.middlewareStack.add(
    (next: (args: unknown) => Promise<unknown>) => async (args: unknown) => {
      try {
        return await next(args);
      } catch (error) {
        throw isTransient(error) ? unavailable(dependency, error) : error;
      }
    },
    { step: 'initialize', name: 'reportOutages', priority: 'high' },
  );
  return client;
}
