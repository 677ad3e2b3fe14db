// TranslateText as Amazon Translate describes it, with its limits and error names. It does not translate: it marks each line
// with the language that it would be in.
// https://docs.aws.amazon.com/translate/latest/APIReference/API_TranslateText.html
import * as z from 'zod';
import { findLanguage } from '../text/languages.ts';
import { detectLanguage } from '../text/page-language.ts';
import { AwsJsonError } from './aws-json-server.ts';

const maxBytes = 10_000;

const input = z.object({
  Text: z.string().min(1),
  SourceLanguageCode: z.string().min(2).max(5),
  TargetLanguageCode: z.string().min(2).max(5),
});

/** The operation. */
export function translateText(given: unknown) {
  const parsed = input.safeParse(given);
  if (!parsed.success)
    throw new AwsJsonError('InvalidRequestException', 'The request that you made is invalid.');
  const { Text, SourceLanguageCode, TargetLanguageCode } = parsed.data;
  if (Buffer.byteLength(Text) > maxBytes)
    throw new AwsJsonError(
      'TextSizeLimitExceededException',
      `Input text size exceeds limit of ${maxBytes} bytes.`,
    );
  const source = SourceLanguageCode === 'auto' ? detectLanguage(Text) : findLanguage(SourceLanguageCode);
  if (!source && SourceLanguageCode === 'auto')
    throw new AwsJsonError('DetectedLanguageLowConfidenceException', 'The language could not be detected.');
  if (!source || !findLanguage(TargetLanguageCode))
    throw new AwsJsonError(
      'UnsupportedLanguagePairException',
      `Unsupported language pair: ${SourceLanguageCode} to ${TargetLanguageCode}.`,
    );
  return {
    TranslatedText: Text.replace(/^(?=.*\S)/gm, `[${TargetLanguageCode}] `),
    SourceLanguageCode: source,
    TargetLanguageCode,
  };
}
