// Errors that a person or a client can act on. Without HTTP: src/http/error-response.ts maps each kind to a status.

export type ErrorKind =
  | 'invalid'
  | 'method-unknown'
  | 'too-large'
  | 'unsupported'
  | 'not-signed-in'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'too-many'
  | 'unavailable';

export interface Explanation {
  /** For machines; never changes. */
  code: string;
  /** What failed and why; safe to show to anyone. */
  message: string;
  /** What the person can do. */
  hint?: string;
  /** When to retry, if known. */
  retryAfterSeconds?: number;
  /** For the log only. */
  cause?: unknown;
}

export class PaperliftError extends Error {
  override name = 'PaperliftError';
  readonly kind: ErrorKind;
  readonly code: string;
  readonly hint: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(kind: ErrorKind, { code, message, hint, retryAfterSeconds, cause }: Explanation) {
    super(message, { cause });
    this.kind = kind;
    this.code = code;
    this.hint = hint;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** The message and the hint, where only one text can be shown. */
  get sentence(): string {
    return this.hint ? `${this.message} ${this.hint}` : this.message;
  }

  /** Members of the API's problem document beyond those that every error has. Subclasses fill them. */
  get details(): object {
    return {};
  }
}

/** The configuration is wrong. The message names every mistake, one a line. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

export function isPaperliftError(error: unknown, code?: string): error is PaperliftError {
  return error instanceof PaperliftError && (code === undefined || error.code === code);
}

/** The same answer for what does not exist and for what the person may not see, so that they cannot be told apart. */
export function notFound(thing: 'project' | 'page' | 'export' | 'upload' | 'import'): PaperliftError {
  return new PaperliftError('not-found', {
    code: `${thing}-not-found`,
    message: `This ${thing} doesn’t exist, or you don’t have access to it.`,
    hint: 'Check the address, or go back to your projects.',
  });
}

/** For a person who may view a project but not change it. */
export function readOnly(): PaperliftError {
  return new PaperliftError('forbidden', {
    code: 'read-only',
    message: 'You can view this project but not change it.',
    hint: 'Ask its owner or an administrator for access.',
  });
}

/** A disk or a service is full. Only an operator can help. */
export function storageFull(cause: unknown): PaperliftError {
  return new PaperliftError('unavailable', {
    code: 'storage-full',
    message: 'Paperlift’s storage is full, so nothing new can be saved. Nothing was lost.',
    hint: 'Tell your administrator that the storage is full. Try again when there is space.',
    retryAfterSeconds: 60,
    cause,
  });
}

/** A dependency did not respond, or responded that it is unavailable. */
export function unavailable(dependency: string, cause: unknown): PaperliftError {
  return new PaperliftError('unavailable', {
    code: `${dependency}-unavailable`,
    message: 'A service that Paperlift depends on isn’t responding. Nothing was lost.',
    hint: 'Wait a minute, then try again.',
    cause,
  });
}
