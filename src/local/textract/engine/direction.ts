// Tells whether the lines of a level page are upside down.
import { readFileSync } from 'node:fs';
import { cutLine, lineHeight, type Quad, type RgbImage, sidesOf, toPlanes } from './image.ts';
import type { LineReader } from './line-reader.ts';
import type { Runtime } from './runtime.ts';

const width = 192;
const scale = [1 / 127.5, 1 / 127.5, 1 / 127.5];
const offset = [-1, -1, -1];
const linesAsked = 11;
const linesRead = 4;
/** The classifier sees lines of about this many times their height whole. */
const bestShape = 5;
const surelyUpright = -0.3;
const enoughLetters = 6;

/** The direction classifier's opinion; where it is unsure, or says that the page is upside down, the reader has the last word. */
export async function createDirectionFinder(given: { runtime: Runtime; model: string }) {
  const network = await given.runtime.load(readFileSync(given.model));

  async function likelihoodOfUpsideDown(line: RgbImage): Promise<number> {
    const { data } = await network.run(toPlanes(line, { width, scale, offset }), [1, 3, lineHeight, width]);
    return data[1] as number;
  }

  return {
    async isUpsideDown(page: RgbImage, quads: Quad[], reader: LineReader): Promise<boolean> {
      const shapeOf = (quad: Quad) => sidesOf(quad).along / sidesOf(quad).across;
      const lines = quads
        .filter((quad) => shapeOf(quad) > 2)
        .sort((a, b) => Math.abs(shapeOf(a) - bestShape) - Math.abs(shapeOf(b) - bestShape))
        .slice(0, linesAsked);
      let votes = 0;
      for (const quad of lines) votes += (await likelihoodOfUpsideDown(cutLine(page, quad))) - 0.5;
      if (lines.length === 0 || votes <= surelyUpright * lines.length) return false;
      let [upright, other] = [0, 0];
      for (const quad of lines.slice(0, linesRead)) {
        upright += await legibilityOf(page, quad, reader);
        other += await legibilityOf(page, turnedOver(quad), reader);
      }
      return other > upright;
    },
    close: () => network.release(),
  };
}

async function legibilityOf(page: RgbImage, quad: Quad, reader: LineReader): Promise<number> {
  const words = await reader.read(cutLine(page, quad));
  const letters = words.reduce((sum, { text }) => sum + text.length, 0);
  const sureness = words.reduce((sum, { text, confidence }) => sum + text.length * confidence, 0);
  return letters === 0 ? 0 : (sureness / letters) * Math.min(letters, enoughLetters);
}

/** The same quadrilateral for print that runs the other way. */
export function turnedOver([topLeft, topRight, bottomRight, bottomLeft]: Quad): Quad {
  return [bottomRight, bottomLeft, topLeft, topRight];
}

export type DirectionFinder = Awaited<ReturnType<typeof createDirectionFinder>>;
