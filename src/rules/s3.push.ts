// A bucket of the organisation, with the process's own role: only buckets that PUSH_BUCKETS gives it.
import type { S3Client } from '@aws-sdk/client-s3';
import { createStreamUpload } from '../aws/stream-upload.ts';
import { type Push, PushFailedError, partsOf } from './file-to-push.ts';

interface Dependencies {
  s3: Pick<S3Client, 'send'>;
  /** The buckets of an organisation. */
  bucketsOf: (organisationId: string) => readonly string[];
}

export function createS3Push({ s3, bucketsOf }: Dependencies): Push {
  return async ({ target, organisationId }, file, signal) => {
    if (target?.kind !== 's3') throw new PushFailedError('The target is not S3');
    // asked again: the configuration may have changed since the rule was made
    if (!bucketsOf(organisationId).includes(target.bucket))
      throw new PushFailedError(`The bucket ${target.bucket} is not one that rules may use`);
    signal.throwIfAborted();
    const upload = createStreamUpload({ s3, bucket: target.bucket });
    await upload([...partsOf(target.prefix), file.name].join('/'), await file.open(), file.contentType);
  };
}
