// Turns transient errors (network errors, timeouts, throttling, 5xx) that outlast the SDK's retries into one
// `unavailable` error that names the dependency. Errors that a store handles keep their names.
import { isPaperliftError, storageFull, unavailable } from '../errors.ts';

const transientNames = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'InternalServerError',
  'SlowDown',
  'RequestTimeout', // S3's 400 for a body that arrives too slowly
  'RequestThrottled', // SQS
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
  'ItemCollectionSizeLimitExceededException', // DynamoDB tables with a local index
]);

/**
 * Whether the storage is full, as disks and servers of the S3 and DynamoDB protocols report it (507: RFC 4918 11.5).
 */
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

/** Whether the call may succeed later. */
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

/** Translates storage-full and transient errors; returns any other error unchanged. */
export function asOutage(dependency: string, error: unknown): unknown {
  if (isPaperliftError(error)) return error;
  if (isStorageFull(error)) return storageFull(error);
  return isTransient(error) ? unavailable(dependency, error) : error;
}

/** The part of an SDK client that does not depend on its commands. */
export interface SdkClient {
  middlewareStack: {
    add: (
      // biome-ignore lint/suspicious/noExplicitAny: the SDK's middleware types are generic over every command
      middleware: any,
      options: { step: 'initialize'; name: string; priority: 'high' },
    ) => void;
    remove: (name: string) => boolean;
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
