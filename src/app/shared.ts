import type { RateLimiters } from '../http/rate-limit.ts';
import type { SendBlob } from '../http/send-blob.ts';
import type { FormUploads } from '../uploads/form-uploads.ts';

/** What the routers of the app share, made once. */
export interface Shared {
  rateLimits: RateLimiters;
  sendBlob: SendBlob;
  formUploads: FormUploads;
}
