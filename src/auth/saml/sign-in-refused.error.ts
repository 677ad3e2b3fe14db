import type { RefusalCode } from './refusals.ts';

/** A refused sign-in and its reason, which is not shown to the person. */
export class SignInRefused extends Error {
  override name = 'SignInRefused';
  readonly code: RefusalCode;
  readonly detail: string | undefined;

  constructor(code: RefusalCode, detail?: string, cause?: unknown) {
    super(detail ? `${code}: ${detail}` : code, { cause });
    this.code = code;
    this.detail = detail;
  }
}
