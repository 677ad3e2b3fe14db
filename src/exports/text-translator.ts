// Amazon Translate's TranslateText.
import {
  type TranslateClient,
  TranslateTextCommand,
  type TranslateTextCommandOutput,
} from '@aws-sdk/client-translate';
import { isTransient } from '../aws/outages.ts';
import { watchForSilence } from '../aws/silence.ts';
import { JobFailedError, TryAgainError } from '../jobs/leased-job.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { findLanguage, type Language, languageNames } from '../text/languages.ts';
import { cutForTranslation } from './translation-parts.ts';

interface Dependencies {
  translate: Pick<TranslateClient, 'send'>;
  pricePerMillion: number;
  metrics: Metrics;
}

/** `from`: what it was written in, as far as that is known. Without `text` it was left as it is: the language could not be told. */
export interface Translated {
  text?: string;
  from?: Language;
}

interface Asked {
  /** Missing: the service finds out. */
  from: Language | undefined;
  to: Language;
  signal: AbortSignal;
}

/** The limit of a call: https://docs.aws.amazon.com/translate/latest/dg/what-is-limits.html */
const maxBytes = 10_000;
const callMs = 90_000;
const step = 'translation';

/** Errors that say nothing about the text: they do not count as attempts, nor do transient ones. */
const uncountedErrors = new Set([
  'AbortError',
  'AccessDeniedException',
  'TooManyRequestsException',
  'LimitExceededException',
]);

export function createTextTranslator({ translate, pricePerMillion, metrics }: Dependencies) {
  const count = (outcome: string) => metrics.count('paperlift_step_calls_total', { step, outcome });

  async function call(text: string, { from, to, signal }: Asked): Promise<Translated> {
    const command = new TranslateTextCommand({
      Text: text,
      SourceLanguageCode: from ?? 'auto',
      TargetLanguageCode: to,
    });
    const timeIsUp = AbortSignal.timeout(callMs);
    const wentSilent = watchForSilence(command, timeIsUp);
    let answer: TranslateTextCommandOutput;
    try {
      answer = await translate.send(command, { abortSignal: AbortSignal.any([signal, timeIsUp]) });
      if (typeof answer.TranslatedText !== 'string') throw new Error('The answer has no TranslatedText');
    } catch (error) {
      const { name } = error as Error;
      if (name === 'DetectedLanguageLowConfidenceException') {
        count('unchanged');
        return {};
      }
      if (name === 'UnsupportedLanguagePairException') {
        count('refused');
        throw new JobFailedError(pairUnsupported(from, to), error);
      }
      count('try-again');
      const countsAsAttempt = wentSilent() || (!uncountedErrors.has(name) && !isTransient(error));
      throw new TryAgainError(error, { countsAsAttempt });
    }
    count('translated');
    // every character of the text is paid for, white space too
    metrics.count('paperlift_step_cost_total', { step }, (Array.from(text).length * pricePerMillion) / 1e6);
    const source = from ?? findLanguage(answer.SourceLanguageCode ?? '');
    return { text: answer.TranslatedText, ...(source ? { from: source } : {}) };
  }

  return {
    /** Translates a text of any length. Throws JobFailedError where that cannot help, and TryAgainError. */
    async translate(text: string, asked: Asked): Promise<Translated> {
      let { from } = asked;
      let translated = '';
      for (const part of cutForTranslation(text, maxBytes)) {
        const [, before = '', words = '', after = ''] = /^(\s*)([\s\S]*?)(\s*)$/.exec(part) ?? [];
        const answer = words === '' ? { text: '' } : await call(words, { ...asked, from });
        // the beginning decides: parts in different languages would not be one text
        if (answer.text === undefined && translated.trim() === '') return {};
        from ??= answer.from;
        translated += before + (answer.text ?? words) + after;
      }
      return { text: translated, ...(from ? { from } : {}) };
    },
  };
}

export type TextTranslator = ReturnType<typeof createTextTranslator>;

function pairUnsupported(from: Language | undefined, to: Language) {
  const source = from ? languageNames[from] : 'the language of a page';
  return {
    code: 'language-pair-unsupported',
    message: `Amazon Translate can’t translate ${source} into ${languageNames[to]}. Choose another language.`,
  };
}
