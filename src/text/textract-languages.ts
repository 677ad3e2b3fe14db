import type { Language } from './languages.ts';

/**
 * The languages in which Amazon Textract reads printed text. It reads handwriting in English alone.
 * https://docs.aws.amazon.com/textract/latest/dg/limits-document.html
 */
const readByTextract: readonly Language[] = ['en', 'de', 'fr', 'es', 'it', 'pt'];

/** Which of the languages Amazon Textract does not read. */
export const notReadByTextract = (tags: readonly Language[]): Language[] =>
  tags.filter((tag) => !readByTextract.includes(tag));
