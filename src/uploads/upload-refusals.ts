// Which errors of an upload are about its files.
import { isPaperliftError, type PaperliftError } from '../errors.ts';
import type { Refusal } from './upload-refused.error.ts';

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
