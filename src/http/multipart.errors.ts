import type { MulterError } from 'multer';
import { PaperliftError } from '../errors.ts';

/** By name, since multer is loaded for uploads only. */
export function isMulterError(thrown: unknown): thrown is MulterError {
  return thrown instanceof Error && thrown.name === 'MulterError';
}

export function explainMulter(thrown: MulterError): PaperliftError {
  const isTooLarge = thrown.code === 'LIMIT_FILE_SIZE' || thrown.code === 'LIMIT_FILE_COUNT';
  return new PaperliftError(isTooLarge ? 'too-large' : 'invalid', {
    code: `form-${thrown.code.toLowerCase().replaceAll('_', '-')}`,
    message:
      thrown.code === 'LIMIT_FILE_SIZE'
        ? 'A file is too large. Nothing was uploaded.'
        : thrown.code === 'LIMIT_FILE_COUNT'
          ? 'Too many files at once. Nothing was uploaded.'
          : 'The form has unexpected parts.',
    hint: isTooLarge ? 'Upload fewer or smaller files.' : 'Send files in parts named "files".',
    cause: thrown,
  });
}
