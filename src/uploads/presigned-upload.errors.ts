import { PaperliftError } from '../errors.ts';
import { fileTypeNames, fileTypes, imageTypeNames, isDocument } from '../files/file-types.ts';
import type { PresignedUpload } from './presigned-upload.store.ts';

export function typeNotTaken(replaces: boolean) {
  const names = replaces ? imageTypeNames : fileTypeNames;
  const types = fileTypes.filter((type) => !replaces || !isDocument(type));
  return new PaperliftError('unsupported', {
    code: 'file-type-unsupported',
    message: 'Unsupported file type.',
    hint: `Use ${names}: contentType is one of ${types.join(', ')}.`,
  });
}

export function nothingUploaded() {
  return new PaperliftError('conflict', {
    code: 'upload-missing',
    message: 'Nothing has been uploaded yet.',
    hint: 'Send the file to the presigned URL first, then complete the upload.',
  });
}

export function notAsAnnounced(
  announced: PresignedUpload,
  found: { sizeBytes: number; contentType: string },
) {
  return new PaperliftError('invalid', {
    code: 'file-not-as-announced',
    message: `The uploaded file doesn’t match the request: expected ${announced.sizeBytes} bytes of ${announced.declaredType}, received ${found.sizeBytes} bytes or another type.`,
    hint: 'Start a new upload for this file.',
  });
}

export function beingCompleted() {
  return new PaperliftError('conflict', {
    code: 'upload-being-completed',
    message: 'Another request is completing this upload.',
    hint: 'Wait for its response, or try again in a minute.',
  });
}
