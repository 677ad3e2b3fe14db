import type { Readable } from 'node:stream';
import type { Rule } from './rule.ts';

/** A finished export, and the name under which it is put. */
export interface FileToPush {
  /** Without folders; safe on any file system. */
  name: string;
  contentType: string;
  sizeBytes: number;
  /** The bytes from their beginning. */
  open: () => Promise<Readable>;
}

/** The receiver did not take the file. The message says why, for administrators. */
export class PushFailedError extends Error {
  override name = 'PushFailedError';
}

/** Puts a file where a rule's target says, replacing one of that name. Rejects where it is not there afterwards. */
export type Push = (rule: Rule, file: FileToPush, signal: AbortSignal) => Promise<void>;

/** The parts of a folder's path, without those that would lead out of it. */
export function partsOf(folder: string): string[] {
  return folder.split('/').filter((part) => part !== '' && part !== '.' && part !== '..');
}
