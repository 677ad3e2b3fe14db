// Finds the reader of a page whose script is not that of the languages it is read in: each script's reader is tried on some lines.
import { otherScripts } from './languages.ts';
import type { LineReader } from './line-reader.ts';
import type { LineSample } from './page-reader.ts';

/** The script's letters on a stretch as long as the line is high, each counted as far as the reader is sure of it. */
const fewestLetters = 0.5;
const surenessFrom = 70;

interface Candidate {
  languages: string[];
  script: RegExp;
}

export function createScriptFinder(given: {
  /** Those that have been tried already. */
  languages: readonly string[];
  isInstalled(tag: string): boolean;
  createReader(languages: string[]): Promise<LineReader>;
}) {
  let candidates = candidatesOf(given);
  let last: { candidate: Candidate; reader: LineReader } | undefined;

  async function readerOf(candidate: Candidate): Promise<LineReader> {
    if (last?.candidate === candidate) return last.reader;
    const reader = await given.createReader(candidate.languages);
    await last?.reader.close();
    last = { candidate, reader };
    return reader;
  }

  return {
    /** The last page's script first, since pages of one script come together. It belongs to the finder, which closes it. */
    async find(samples: LineSample[]): Promise<LineReader | undefined> {
      for (const candidate of candidates) {
        const reader = await readerOf(candidate);
        if (!(await reads(reader, candidate.script, samples))) continue;
        candidates = [candidate, ...candidates.filter((other) => other !== candidate)];
        return reader;
      }
      return undefined;
    },
  };
}

/** Chinese and Japanese are read together, which is the same model; the others each by its own data. */
function candidatesOf({ languages, isInstalled }: Parameters<typeof createScriptFinder>[0]): Candidate[] {
  const installed = otherScripts.filter(({ tag }) => isInstalled(tag) && !languages.includes(tag));
  const isEastAsian = ({ tag }: { tag: string }) => tag === 'zh' || tag === 'ja';
  const han = installed.filter(isEastAsian);
  const others = installed.filter((language) => !isEastAsian(language));
  const together = han.length > 0 ? [{ languages: han.map(({ tag }) => tag), script: eastAsian }] : [];
  return [...together, ...others.map(({ tag, script }) => ({ languages: [tag], script }))];
}

const eastAsian = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

async function reads(reader: LineReader, script: RegExp, samples: LineSample[]): Promise<boolean> {
  let [letters, sureness, print] = [0, 0, 0];
  for (const { image, shape } of samples) {
    print += shape;
    for (const { text, confidence } of await reader.read(image)) {
      const found = [...text].filter((letter) => script.test(letter)).length;
      letters += found;
      sureness += found * confidence;
    }
  }
  return letters > 0 && sureness / letters >= surenessFrom && sureness / 100 >= fewestLetters * print;
}
