// The port's first implementation: PP-OCR's recognition model.
import { readFileSync } from 'node:fs';
import { selectClasses } from './class-selection.ts';
import { lineHeight, type RgbImage, toPlanes, widen } from './image.ts';
import { type Letter, lettersOf, preferDigits, readSteps, wordsOf } from './letters.ts';
import { edgeOfInk, findPrint, widestGap } from './line-ink.ts';
import type { LineReader, ReadWord } from './line-reader.ts';
import { type ModelFiles, readAlphabet } from './models.ts';
import { readModel, writeModel } from './onnx-file.ts';
import type { Runtime } from './runtime.ts';
import { calibrateByPage } from './word-confidence.ts';

/** The model sees eight pixels at a step. */
const stepWidth = 8;
/** A single digit in a narrower image is mistaken. What is beyond the line is grey, as it was when the model was trained. */
const narrowestImage = 96;
/**
 * Of two equal letters the model needs to see a step between them. Lines whose strokes stand closer than this, in pixels from one to the
 * next, are made wider.
 */
const narrowestStrokes = 9;
const mostStretch = 2.2;
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

  async function readStretched(line: RgbImage, stretch: number): Promise<ReadWord[]> {
    const stretched = stretch === 1 ? line : widen(line, stretch);
    const width = Math.max(narrowestImage, Math.ceil(stretched.width / stepWidth) * stepWidth);
    const planes = toPlanes(stretched, { width, scale, offset });
    const steps = readSteps(await network.run(planes, [1, 3, lineHeight, width]));
    const words = wordsOf(lettersOf(steps, alphabet), steps);
    return placeWords(
      line,
      words.map((word) => preferDigits(word, steps, alphabet)),
      stretched.width / line.width,
    );
  }

  return {
    margin: 0,

    async read(line) {
      const stretch = narrowestStrokes / findPrint(line).strokePitch;
      return readStretched(line, Math.min(mostStretch, Math.max(1, stretch)));
    },
    calibrate(page) {
      const calibrated = calibrateByPage(page.map((confidence) => confidence / 100));
      return (confidence) => calibrated(confidence / 100);
    },
    close: () => network.release(),
  };
}

/** A word is right when all its letters are. */
function probabilityOf(letters: Letter[]): number {
  return letters.reduce((product, { probability }) => product * Math.min(1, probability), 1);
}

/** The model says only roughly where letters are: words begin and end where their ink does. */
function placeWords(line: RgbImage, words: Letter[][], stretch: number): ReadWord[] {
  if (words.length === 0) return [];
  const { ink } = findPrint(line);
  const middleOf = (letter: Letter | undefined) =>
    Math.min(line.width, (((letter?.peak ?? 0) + 0.5) * stepWidth) / stretch);
  const gaps = words.slice(1).map((word, i) => widestGap(ink, middleOf(words[i]?.at(-1)), middleOf(word[0])));
  return words.map((letters, i) => {
    const from = gaps[i - 1]?.to ?? edgeOfInk(ink, middleOf(letters[0]), -1);
    const to = gaps[i]?.from ?? edgeOfInk(ink, middleOf(letters.at(-1)), 1);
    return {
      text: letters.map(({ text }) => text).join(''),
      confidence: 100 * probabilityOf(letters),
      from,
      to: Math.max(to, from + 1),
      letters: letters.map((letter) => ({
        text: letter.text,
        probability: letter.probability,
        middle: middleOf(letter),
      })),
    };
  });
}
