// The port's first implementation: PP-OCR's recognition model.
import { readFileSync } from 'node:fs';
import { selectClasses } from './class-selection.ts';
import { lineHeight, type RgbImage, toPlanes } from './image.ts';
import { type Letter, lettersOf, preferDigits, readSteps, wordsOf } from './letters.ts';
import { countInk, edgeOfInk, widestGap } from './line-ink.ts';
import type { LineReader, ReadWord } from './line-reader.ts';
import { type ModelFiles, readAlphabet } from './models.ts';
import { readModel, writeModel } from './onnx-file.ts';
import type { Runtime } from './runtime.ts';
import { confidenceOf } from './word-confidence.ts';

/** The model sees eight pixels at a step. */
const stepWidth = 8;
const scale = [1 / 127.5, 1 / 127.5, 1 / 127.5];
const offset = [-1, -1, -1];

/** Reads lines whose letters are among those that `wants` accepts. */
export async function createPaddleLineReader(given: {
  runtime: Runtime;
  models: ModelFiles;
  wants: (letter: string) => boolean;
}): Promise<LineReader> {
  let alphabet = readAlphabet(given.models);
  const model = readModel(readFileSync(given.models.recognition));
  const last = alphabet.length - 1;
  const classes = [...alphabet.keys()].filter(
    (i) => i === 0 || i === last || given.wants(alphabet[i] as string),
  );
  if (selectClasses(model, classes)) alphabet = classes.map((i) => alphabet[i] as string);
  const network = await given.runtime.load(writeModel(model));

  return {
    async read(line) {
      const width = Math.ceil(line.width / stepWidth) * stepWidth;
      const steps = readSteps(
        await network.run(toPlanes(line, { width, scale, offset }), [1, 3, lineHeight, width]),
      );
      const letters = lettersOf(steps, alphabet);
      const words = wordsOf(letters, steps).map((word) => preferDigits(word, steps, alphabet));
      return placeWords(line, words);
    },
    close: () => network.release(),
  };
}

/** The model says only roughly where letters are: words begin and end where their ink does. */
function placeWords(line: RgbImage, words: Letter[][]): ReadWord[] {
  if (words.length === 0) return [];
  const ink = countInk(line);
  const middleOf = (letter: Letter | undefined) =>
    Math.min(line.width, ((letter?.peak ?? 0) + 0.5) * stepWidth);
  const gaps = words.slice(1).map((word, i) => widestGap(ink, middleOf(words[i]?.at(-1)), middleOf(word[0])));
  return words.map((letters, i) => {
    const from = gaps[i - 1]?.to ?? edgeOfInk(ink, middleOf(letters[0]), -1);
    const to = gaps[i]?.from ?? edgeOfInk(ink, middleOf(letters.at(-1)), 1);
    return {
      text: letters.map(({ text }) => text).join(''),
      confidence: confidenceOf(letters),
      from,
      to: Math.max(to, from + 1),
    };
  });
}
