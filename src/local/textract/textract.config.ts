// The environment of the Textract-compatible server when it runs alone.
import { z } from 'zod';
import { findLanguage, languageTags } from './engine/languages.ts';
import { findMissing } from './engine/reader-set.ts';
import { defaultWorkers } from './start-textract-server.ts';

const environment = z.object({
  TEXTRACT_HOST: z.string().default('127.0.0.1'),
  TEXTRACT_PORT: z.coerce.number().int().min(0).max(65535).default(4580),
  TEXTRACT_CALLS_PER_SECOND: z.coerce.number().positive().default(25),
  S3_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  AWS_REGION: z.string().min(1).default('us-east-1'),
  TEXTRACT_WORKERS: z.coerce.number().int().min(1).max(64).default(defaultWorkers()),
  TEXTRACT_MODELS_DIR: z.string().optional(),
  TEXTRACT_LANGUAGES: z
    .string()
    .default('en')
    .transform((names) => names.split(/[+,\s]+/).filter(Boolean))
    .pipe(
      z
        .array(
          z.string().transform((name, context) => {
            const tag = findLanguage(name);
            if (tag) return tag;
            context.addIssue(`"${name}" is not one of ${languageTags.join(', ')}`);
            return z.NEVER;
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
    throw invalid(mistakes);
  }
  const { TEXTRACT_LANGUAGES: languages, TEXTRACT_MODELS_DIR: modelsDirectory } = parsed.data;
  const missing = findMissing({ languages, modelsDirectory });
  if (missing.length > 0) throw invalid(missing);
  return {
    host: parsed.data.TEXTRACT_HOST,
    port: parsed.data.TEXTRACT_PORT,
    callsPerSecond: parsed.data.TEXTRACT_CALLS_PER_SECOND,
    s3: { endpoint: parsed.data.S3_ENDPOINT, region: parsed.data.AWS_REGION },
    workers: parsed.data.TEXTRACT_WORKERS,
    languages,
    modelsDirectory,
  };
}

function invalid(mistakes: string[]): Error {
  return new Error(`Invalid configuration:\n  ${mistakes.join('\n  ')}`);
}
