import { type ErrorKind, PaperliftError } from '../errors.ts';

/** A file that was rejected, and why. */
export interface Refusal {
  fileName: string;
  code: string;
  message: string;
}

const kinds: Record<string, ErrorKind> = {
  'file-type-unsupported': 'unsupported',
  'file-type-mismatch': 'unsupported',
  'file-no-image': 'unsupported',
  'image-encoding-unsupported': 'unsupported',
  'image-sequence-unsupported': 'unsupported',
  'file-too-large': 'too-large',
  'image-too-large': 'too-large',
};

/** No file of an upload was accepted. The message is about the first file; the details name them all. */
export class UploadRefusedError extends PaperliftError {
  override name = 'UploadRefusedError';
  readonly refusals: Refusal[];

  constructor(refusals: Refusal[]) {
    const [first] = refusals;
    super(kinds[first?.code ?? ''] ?? 'invalid', {
      code: first?.code ?? 'no-file',
      message: first ? `${first.fileName}: ${first.message}` : 'No file was selected.',
    });
    this.refusals = refusals;
  }

  override get details() {
    return { refusals: this.refusals };
  }
}
