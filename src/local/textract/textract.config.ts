// The environment of the Textract-compatible server when it runs alone.
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { findLanguageFile } from './language-data.ts';

const environment = z.object({
  TEXTRACT_HOST: z.string().default('127.0.0.1'),
  TEXTRACT_PORT: z.coerce.number().int().min(0).max(65535).default(4580),
  TEXTRACT_CALLS_PER_SECOND: z.coerce.number().positive().default(25),
  S3_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  AWS_REGION: z.string().min(1).default('us-east-1'),
  TESSERACT_WORKERS: z.coerce.number().int().min(1).max(64).default(availableParallelism()),
  TESSERACT_LANGUAGES: z
    .string()
    .default('eng')
    .transform((names) => names.split(/[+,\s]+/).filter(Boolean))
    .pipe(
      z
        .array(
          z.string().refine((name) => /^[a-z_]+$/.test(name) && findLanguageFile(name) !== undefined, {
            error: (issue) => `"${issue.input}" is not installed (npm install @tesseract.js-data/<language>)`,
          }),
        )
        .min(1),
    ),
});

/** Parses the environment. Throws an Error that names every variable that is wrong. */
export function loadTextractConfig(env: NodeJS.ProcessEnv = process.env) {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const mistakes = parsed.error.issues.map((issue) => `${issue.path[0]?.toString()}: ${issue.message}`);
    throw new Error(`Invalid configuration:\n  ${mistakes.join('\n  ')}`);
  }
  return {
    host: parsed.data.TEXTRACT_HOST,
    port: parsed.data.TEXTRACT_PORT,
    callsPerSecond: parsed.data.TEXTRACT_CALLS_PER_SECOND,
    s3: { endpoint: parsed.data.S3_ENDPOINT, region: parsed.data.AWS_REGION },
    workers: parsed.data.TESSERACT_WORKERS,
    languages: parsed.data.TESSERACT_LANGUAGES,
  };
}
