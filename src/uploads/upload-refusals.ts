// Which errors of an upload are about its files, and the error of an upload of which no file was accepted.
import { type ErrorKind, isPaperliftError, PaperliftError } from '../errors.ts';

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

/** The file itself is wrong, so that sending it again cannot help. */
export function isFileError(error: unknown): error is PaperliftError {
  return isPaperliftError(error) && /^(?:file|image)-/.test(error.code);
}

/** The form or one of its files is wrong: the person can correct it and send it again. */
export function isFormError(error: unknown): error is PaperliftError {
  return isPaperliftError(error) && /^(?:file-|form-|no-file$)/.test(error.code);
}

/** An image cannot be replaced by this file or in this state: the person can do something else. */
export function isReplacementError(error: unknown): error is PaperliftError {
  return isPaperliftError(error) && ['invalid', 'too-large', 'unsupported', 'conflict'].includes(error.kind);
}

/** The sender is too slow, or sends too many files slowly. The rest of the form is not read. */
export function endsForm(error: unknown): error is PaperliftError {
  return isPaperliftError(error, 'form-too-slow') || isPaperliftError(error, 'too-many-slow-uploads');
}

/** What the sender is told about one rejected file. */
export function toRefusal(fileName: string, { code, sentence }: PaperliftError): Refusal {
  return { fileName, code, message: sentence };
}
