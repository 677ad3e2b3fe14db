// The text that the drawing process took from a PDF. That process reads files that anybody may have made, so what it writes
// is parsed like anything from outside.
import * as z from 'zod';
import type { Detection, Polygon } from '../text/detected-text.ts';
import { normalizeRotation, turnPolygon } from '../text/rotated-polygons.ts';

/** Of the most characters that the drawing process takes, each a word. */
const maxBytes = 8 * 1024 * 1024;
const fraction = z.number().min(0).max(1);
const point = z.strictObject({ x: fraction, y: fraction });
const polygon = z.tuple([point, point, point, point]);
const confidence = z.literal(100);
const ownText = z.strictObject({
  lines: z.array(
    z.strictObject({
      id: z.string().regex(/^l\d{1,6}$/),
      text: z.string().min(1),
      confidence,
      polygon,
      words: z.array(z.strictObject({ text: z.string().min(1), confidence, polygon })).min(1),
    }),
  ),
});

/** Its places on the image that was turned by `rotation`. `undefined`: it is none, and the image is to be read. */
export function parseOwnText(file: Buffer, rotation: number): Detection | undefined {
  if (file.length > maxBytes) return undefined;
  const parsed = ownText.safeParse(parseJson(file));
  if (!parsed.success) return undefined;
  const turn = <T extends { polygon: Polygon }>(thing: T): T => ({
    ...thing,
    polygon: turnPolygon(thing.polygon, normalizeRotation(rotation)),
  });
  return { lines: parsed.data.lines.map((line) => ({ ...turn(line), words: line.words.map(turn) })) };
}

function parseJson(file: Buffer): unknown {
  try {
    return JSON.parse(file.toString('utf8'));
  } catch {
    return undefined;
  }
}
