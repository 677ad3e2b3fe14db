// Turns what only time can mend (network errors, time-outs, throttling, 5xx) into one `unavailable` error that names
// the dependency, after the SDK's own retries. Errors that mean something to a store keep their names.
import { isPaperliftError, storageFull, unavailable } from '../errors.ts';

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

const fullNames = new Set([
  'InsufficientStorage',
  'InsufficientStorageSpace',
  'StorageFull',
  'XMinioStorageFull',
  'QuotaExceeded',
  'ItemCollectionSizeLimitExceededException', // of DynamoDB's tables with a local index
]);

/** Whether there is no room: what disks, and servers of S3's and DynamoDB's protocols say (507 is WebDAV's, RFC 4918 11.5). */
export function isStorageFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, $metadata, cause } = error as { code?: string; cause?: unknown } & typeof error & {
      $metadata?: { httpStatusCode?: number };
    };
  return (
    code === 'ENOSPC' ||
    code === 'EDQUOT' ||
    fullNames.has(error.name) ||
    $metadata?.httpStatusCode === 507 ||
    /\bENOSPC\b|no space left on device|disk quota exceeded/i.test(error.message) ||
    (cause !== undefined && cause !== error && isStorageFull(cause))
  );
}

/** Whether the call may succeed when it is made again later. */
export function isTransient(error: unknown): boolean {
  if (isPaperliftError(error)) return error.kind === 'unavailable';
  if (!(error instanceof Error)) return false;
  if (isStorageFull(error)) return true;
  const { code, $metadata } = error as { code?: string; $metadata?: { httpStatusCode?: number } };
  return (
    transientNames.has(error.name) ||
    (code !== undefined && networkCodes.has(code)) ||
    ($metadata?.httpStatusCode ?? 0) >= 500
  );
}

/** What only time or an operator can mend as an error that says so; any other error as it is. */
export function asOutage(dependency: string, error: unknown): unknown {
  if (isPaperliftError(error)) return error;
  if (isStorageFull(error)) return storageFull(error);
  return isTransient(error) ? unavailable(dependency, error) : error;
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
        throw asOutage(dependency, error);
      }
    },
    { step: 'initialize', name: 'reportOutages', priority: 'high' },
  );
  return client;
}
