import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  HeadBucketCommand,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { notOffered } from './table.ts';

// engines' errors for rules that they do not support
const refusals = ['MalformedXML', 'InvalidArgument', 'InvalidRequest'];

/**
 * Creates the bucket, allows pages at `publicUrl` to write to it and read from it, and expires uploads that were never
 * completed. https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html
 */
export async function setUpBucket({
  s3,
  bucket: Bucket,
  region,
  publicUrl,
  say,
}: {
  s3: S3Client;
  bucket: string;
  region: string;
  publicUrl: string;
  say: (line: string) => void;
}): Promise<void> {
  say(`bucket ${Bucket}: ${(await makeBucket()) ? 'created' : 'exists'}`);
  const cors = s3.send(
    new PutBucketCorsCommand({
      Bucket,
      CORSConfiguration: {
        CORSRules: [
          {
            AllowedOrigins: [publicUrl],
            AllowedMethods: ['GET', 'PUT'],
            AllowedHeaders: ['content-type', 'if-none-match', 'x-amz-*'],
            ExposeHeaders: ['ETag'],
            MaxAgeSeconds: 3600,
          },
        ],
      },
    }),
  );
  say(`bucket ${Bucket}: CORS allows ${publicUrl}${await orNotOffered(cors)}`);
  const lifecycle = s3.send(
    new PutBucketLifecycleConfigurationCommand({
      Bucket,
      LifecycleConfiguration: {
        Rules: [
          {
            ID: 'forget-uploads-that-nobody-completed',
            Status: 'Enabled',
            Filter: { Prefix: 'uploads/' },
            Expiration: { Days: 1 },
          },
          {
            ID: 'forget-parts-of-unfinished-uploads',
            Status: 'Enabled',
            Filter: { Prefix: '' },
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
          },
        ],
      },
    }),
  );
  say(`bucket ${Bucket}: incomplete uploads are deleted after one day${await orNotOffered(lifecycle)}`);

  async function makeBucket(): Promise<boolean> {
    try {
      await s3.send(new HeadBucketCommand({ Bucket }));
      return false;
    } catch (error) {
      if ((error as Error).name !== 'NotFound') throw error;
    }
    // us-east-1 is S3's default, and must not be named
    const LocationConstraint = region as BucketLocationConstraint;
    await s3.send(
      new CreateBucketCommand({
        Bucket,
        ...(region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint } }),
      }),
    );
    return true;
  }

  async function orNotOffered(call: Promise<unknown>): Promise<string> {
    try {
      await call;
      return '';
    } catch (error) {
      if (notOffered(error) || refusals.includes((error as Error).name))
        return ' – not supported by this engine';
      throw error;
    }
  }
}
