import { PaperliftError } from '../errors.ts';
import type { Refusal } from './multipart.ts';

const kinds: Record<string, 'unsupported' | 'too-large'> = {
  'file-type-unsupported': 'unsupported',
  'file-type-mismatch': 'unsupported',
  'file-no-image': 'unsupported',
  'image-encoding-unsupported': 'unsupported',
  'image-sequence-unsupported': 'unsupported',
  'file-too-large': 'too-large',
  'image-too-large': 'too-large',
};

/** The error of an upload of which nothing could be taken: it is about the first file, and names them all. */
export function refusedUpload(refusals: Refusal[]): PaperliftError {
  const [first] = refusals;
  const error = new PaperliftError(kinds[first?.code ?? ''] ?? 'invalid', {
    code: first?.code ?? 'no-file',
    message: first ? `${first.fileName}: ${first.message}` : 'No file was selected.',
  });
  return Object.assign(error, { refusals });
}
