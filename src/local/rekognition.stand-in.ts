// DetectModerationLabels as Amazon Rekognition describes it, with its limits and error names. What it finds is simple: an image
// that is red nearly everywhere counts as violent, one that is amber as showing alcohol.
// https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectModerationLabels.html
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import sharp from 'sharp';
import * as z from 'zod';
import { AwsJsonError } from './aws-json-server.ts';

const maxBytes = 15 * 1024 * 1024;
const minSide = 80;
const maxSide = 10_000;

const input = z.object({
  Image: z.object({ S3Object: z.object({ Bucket: z.string(), Name: z.string() }) }),
  MinConfidence: z.number().min(0).max(100).default(50),
});

const violence = [
  { Confidence: 98.5, Name: 'Graphic Violence', ParentName: 'Violence', TaxonomyLevel: 2 },
  { Confidence: 98.5, Name: 'Violence', ParentName: '', TaxonomyLevel: 1 },
];
const alcohol = [
  { Confidence: 91.2, Name: 'Alcoholic Beverages', ParentName: 'Alcohol', TaxonomyLevel: 2 },
  { Confidence: 91.2, Name: 'Alcohol', ParentName: '', TaxonomyLevel: 1 },
];

/** The operation, on objects of this store. */
export function createModeration(s3: S3Client) {
  async function load(Bucket: string, Key: string): Promise<Uint8Array> {
    try {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return (await Body?.transformToByteArray()) ?? new Uint8Array();
    } catch {
      throw new AwsJsonError(
        'InvalidS3ObjectException',
        'Unable to get object metadata from S3. Check object key, region and/or access permissions.',
      );
    }
  }

  return async (given: unknown) => {
    const parsed = input.safeParse(given);
    if (!parsed.success)
      throw new AwsJsonError('InvalidParameterException', 'Request has invalid parameters');
    const { Image, MinConfidence } = parsed.data;
    const bytes = await load(Image.S3Object.Bucket, Image.S3Object.Name);
    if (bytes.length > maxBytes)
      throw new AwsJsonError('ImageTooLargeException', 'Request has too large an image');
    const { width, height } = await sharp(bytes)
      .metadata()
      .catch(() => {
        throw new AwsJsonError('InvalidImageFormatException', 'Request has invalid image format');
      });
    if (Math.min(width, height) < minSide || Math.max(width, height) > maxSide)
      throw new AwsJsonError('InvalidParameterException', 'Request has invalid image size');
    const [red = 0, green = 0, blue = 0] = (await sharp(bytes).stats()).channels.map(({ mean }) => mean);
    const found = red > 180 && blue < 70 ? (green < 70 ? violence : green < 180 ? alcohol : []) : [];
    return {
      ModerationLabels: found.filter(({ Confidence }) => Confidence >= MinConfidence),
      ModerationModelVersion: '7.0',
      ContentTypes: [],
    };
  };
}
