import type { RateLimiters } from '../http/rate-limit.ts';
import type { SendBlob } from '../http/send-blob.ts';
import type { FormUploads } from '../uploads/form-uploads.ts';

/** Middleware that the routers share, created once. */
export interface Shared {
  rateLimits: RateLimiters;
  sendBlob: SendBlob;
  formUploads: FormUploads;
}
