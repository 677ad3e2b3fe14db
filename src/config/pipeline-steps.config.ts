// Optional steps of the pipeline, as sentences: PIPELINE_STEPS="moderate images at 80 percent except Alcohol; translate exports".
import * as z from 'zod';
import { describeKnownLanguages, knownLanguages, type Language, languageNames } from '../text/languages.ts';

/** What an image may show is decided by the categories of Amazon Rekognition. */
interface ModerationStep {
  /** Labels with a lower confidence (percent) are ignored. */
  minConfidence: number;
  /** Categories or labels that are allowed, in lower case. */
  except: string[];
}

interface TranslationStep {
  /** The languages that exports may be translated into. */
  into: Language[];
}

interface PipelineSteps {
  moderation?: ModerationStep;
  translation?: TranslationStep;
}

const moderate = /^moderate images(?: at (\d+(?:\.\d+)?) ?(?:percent|%))?(?: except (.+))?$/i;
const translate = /^translate exports(?: into (.+))?$/i;
/** Fewer false alarms than the 50 that Rekognition uses when no confidence is given. */
const usualConfidence = 80;

const listOf = (text: string) =>
  text
    .split(/,| and (?=[^,]*$)/)
    .map((part) => part.trim())
    .filter(Boolean);

/** By tag or English name: `de` or `German`. */
function languageOf(text: string): Language | undefined {
  const wanted = text.toLowerCase();
  return knownLanguages.find((tag) => tag === wanted || languageNames[tag].toLowerCase() === wanted);
}

/** Sentences, separated by semicolons or lines. Every mistake is reported. */
export const pipelineSteps = z
  .string()
  .default('')
  .transform((text, context): PipelineSteps => {
    const steps: PipelineSteps = {};
    for (const sentence of text.split(/[;\n]/).map((part) => part.trim().replace(/\.$/, ''))) {
      if (sentence === '') continue;
      const moderating = moderate.exec(sentence);
      const translating = translate.exec(sentence);
      if (moderating) {
        if (steps.moderation) context.addIssue('says “moderate images” twice');
        const minConfidence = Number(moderating[1] ?? usualConfidence);
        if (minConfidence < 1 || minConfidence > 100)
          context.addIssue(`moderates images at ${minConfidence} percent: use 1 to 100`);
        // names of categories may hold "and", so that only commas separate them
        const except = (moderating[2] ?? '').split(',').map((name) => name.trim().toLowerCase());
        steps.moderation = { minConfidence, except: except.filter(Boolean) };
      } else if (translating) {
        if (steps.translation) context.addIssue('says “translate exports” twice');
        const into = new Set<Language>();
        for (const name of translating[1] === undefined ? knownLanguages : listOf(translating[1])) {
          const language = languageOf(name);
          if (language) into.add(language);
          else context.addIssue(`does not know the language “${name}”: use ${describeKnownLanguages()}`);
        }
        steps.translation = { into: [...into] };
      } else
        context.addIssue(
          `does not understand “${sentence}”: use “moderate images [at 80 percent] [except Alcohol, Gambling]” or “translate exports [into German, fr]”`,
        );
    }
    return steps;
  });
