// Generated pages that lie on their side, upside down or tilted, and Textract's blocks for them: polygons that begin at the
// top left of the text (https://docs.aws.amazon.com/textract/latest/dg/text-location.html), words with their quarter turn as
// `RotationAngle`, and lines from the top of the image to the bottom.
import sharp from 'sharp';
import type { Detection, Polygon } from '../../src/text/detected-text.ts';
import { normalizeRotation, rotatedSize, rotatePolygon, type Size } from '../../src/text/rotated-polygons.ts';
import { type DrawnLine, drawPage } from './read-pages.ts';

export interface TurnedPage extends Size {
  jpeg: Buffer;
  /** The upright page. */
  upright: Detection & Size;
  /** What Textract answers. */
  blocks: Record<string, unknown>[];
}

/** Has enough words to tell the page's direction. */
export const receipt: DrawnLine[] = [
  'Corner Coffee Company',
  'Two large coffees today 7.80',
  'One almond croissant 3.20',
  'Thank you for your visit',
  'Total amount due 11.00',
];

/** A page with these lines, turned by so many degrees clockwise. */
export async function drawTurnedPage(lines: DrawnLine[], degrees: number): Promise<TurnedPage> {
  const { jpeg, detection, width, height } = await drawPage(lines);
  const size = { width, height };
  const turned = await sharp(jpeg).rotate(degrees, { background: '#fff' }).jpeg({ quality: 92 }).toBuffer();
  return {
    jpeg: turned,
    ...rotatedSize(size, degrees),
    upright: { ...detection, ...size },
    blocks: turnedBlocks(detection, size, degrees),
  };
}

export function turnedBlocks({ lines }: Detection, size: Size, degrees: number): Record<string, unknown>[] {
  const angle = normalizeRotation(degrees);
  const geometryOf = (polygon: Polygon, isWord = false) => {
    const points = rotatePolygon(polygon, degrees, size);
    const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
    const [Left, Top] = [Math.min(...xs), Math.min(...ys)];
    return {
      BoundingBox: { Left, Top, Width: Math.max(...xs) - Left, Height: Math.max(...ys) - Top },
      Polygon: points.map(({ x, y }) => ({ X: x, Y: y })),
      ...(isWord ? { RotationAngle: angle } : {}),
    };
  };
  const wordsOf = (line: (typeof lines)[number]) =>
    line.words.map((word, place) => ({
      Id: `${line.id}-${place}`,
      BlockType: 'WORD',
      Text: word.text,
      TextType: 'PRINTED',
      Confidence: word.confidence,
      Geometry: geometryOf(word.polygon, true),
    }));
  const found = lines.map((line) => ({
    Id: line.id,
    BlockType: 'LINE',
    Text: line.text,
    Confidence: line.confidence,
    Geometry: geometryOf(line.polygon),
    Relationships: [{ Type: 'CHILD', Ids: wordsOf(line).map(({ Id }) => Id) }],
  }));
  const fromTheTop = found.toSorted((one, other) => topOf(one) - topOf(other));
  const whole: Polygon = [
    { x: 0, y: 0 },
    { x: 1, y: 0 },
    { x: 1, y: 1 },
    { x: 0, y: 1 },
  ];
  return [
    { Id: 'page', BlockType: 'PAGE', Geometry: geometryOf(whole) },
    ...fromTheTop,
    ...lines.flatMap(wordsOf),
  ];
}

const topOf = ({ Geometry }: { Geometry: { BoundingBox: { Top: number } } }) => Geometry.BoundingBox.Top;
