// Folds names for sorting and searching, as the search folds text.
import { fold } from './folding.ts';

/** "São Paulo" and "SAO PAULO" fold to the same; so do "Straße" and "Strasse". */
export const foldName = (name: string) => [...name.normalize('NFC')].map(fold).join('');

/** As names were folded before letters that Unicode does not decompose were. Stored names are so until they change. */
const foldAsBefore = (name: string) => name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** The words of a search, at most five. */
export function searchWords(text: string): string[] {
  return [...new Set(foldName(text).split(/\s+/).filter(Boolean))].slice(0, 5);
}

/** Each of these words as a stored name may have it. */
export function searchSpellings(text: string): string[][] {
  const spellings = new Map<string, Set<string>>();
  for (const word of text.split(/\s+/)) {
    const folded = foldName(word);
    if (folded) spellings.set(folded, new Set([...(spellings.get(folded) ?? [folded]), foldAsBefore(word)]));
  }
  return [...spellings.values()].slice(0, 5).map((each) => [...each].filter(Boolean));
}

/** The name in parts, with the hits marked. */
export function markWords(name: string, text: string): { text: string; isHit: boolean }[] {
  const letters = [...name];
  const folded = letters.map(foldName);
  const whole = folded.join('');
  const hits = new Array<boolean>(whole.length).fill(false);
  for (const word of searchWords(text)) {
    for (let at = whole.indexOf(word); at >= 0; at = whole.indexOf(word, at + 1))
      hits.fill(true, at, at + word.length);
  }
  const pieces: { text: string; isHit: boolean }[] = [];
  let at = 0;
  for (const [index, letter] of letters.entries()) {
    const length = folded[index]?.length ?? 0;
    const last = pieces.at(-1);
    // a combining mark belongs to the letter before it
    const isHit = length === 0 ? (last?.isHit ?? false) : hits.slice(at, at + length).some(Boolean);
    if (last?.isHit === isHit) last.text += letter;
    else pieces.push({ text: letter, isHit });
    at += length;
  }
  return pieces;
}
