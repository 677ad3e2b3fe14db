// The language of a page, by its text: for screen readers, search and exports.
import { type Language, languagesByScript, type Script } from './languages.ts';
import { guessAmong, guessAmongAll } from './latin-language.ts';

/** More letters do not change the answer. */
const lettersRead = 20_000;

const letters: Record<Script, RegExp> = {
  latin: /\p{Script=Latin}/gu,
  eastAsian: /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu,
  hangul: /\p{Script=Hangul}/gu,
  arabic: /\p{Script=Arabic}/gu,
  hebrew: /\p{Script=Hebrew}/gu,
  devanagari: /\p{Script=Devanagari}/gu,
};

/** A syllable or sign of these says as much as several Latin letters. */
const weights: Partial<Record<Script, number>> = { eastAsian: 3, hangul: 3 };

/** Japanese text has kana throughout. */
const kanaShare = 0.1;

/**
 * One of the chosen languages, and the chosen one where there is only one; without a choice any known language, unless the
 * text says too little. `undefined`: it cannot be told.
 */
export function detectLanguage(whole: string, chosen: readonly Language[] = []): Language | undefined {
  if (chosen.length === 1) return chosen[0];
  const text = whole.slice(0, lettersRead);
  const script = mainScript(text, chosen);
  if (!script) return undefined;
  const candidates = languagesByScript[script].filter((tag) => chosen.length === 0 || chosen.includes(tag));
  if (candidates.length === 1) return candidates[0];
  if (script === 'eastAsian') return isJapanese(text) ? 'ja' : 'zh';
  return chosen.length > 0 ? (guessAmong(text, candidates) ?? candidates[0]) : guessAmongAll(text);
}

/** The script of most of the text, among those of the chosen languages. */
function mainScript(text: string, chosen: readonly Language[]): Script | undefined {
  let main: Script | undefined;
  let most = 0;
  for (const script of Object.keys(letters) as Script[]) {
    if (chosen.length > 0 && !languagesByScript[script].some((tag) => chosen.includes(tag))) continue;
    const count = (text.match(letters[script])?.length ?? 0) * (weights[script] ?? 1);
    if (count > most) [main, most] = [script, count];
  }
  return main;
}

function isJapanese(text: string): boolean {
  const kana = text.match(/[\p{Script=Hiragana}\p{Script=Katakana}]/gu)?.length ?? 0;
  return kana > kanaShare * (text.match(letters.eastAsian)?.length ?? 0);
}
