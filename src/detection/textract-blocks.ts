// Converts Textract's blocks to lines and words in reading order.
// https://docs.aws.amazon.com/textract/latest/dg/how-it-works-lines-words.html
import type { Block } from '@aws-sdk/client-textract';
import type { DetectedLine, DetectedWord, Detection, Polygon, TextType } from '../text/detected-text.ts';
import { joinRows } from '../text/joined-lines.ts';
import { withoutNoise } from '../text/unsure-words.ts';

/** The answer breaks the contract of DetectDocumentText. It says nothing about the page. */
export class UnreadableAnswerError extends Error {
  override name = 'UnreadableAnswerError';
}

/** Textract lists LINE blocks from top to bottom. Each refers to its WORD blocks, from left to right. */
export function parseBlocks(blocks: Block[] | undefined): Detection {
  if (!blocks?.some((block) => block.BlockType === 'PAGE')) {
    throw new UnreadableAnswerError('The text detector’s response contains no PAGE block');
  }
  const words = new Map(
    blocks.filter((block) => block.BlockType === 'WORD').map((block) => [block.Id, parseWord(block)]),
  );
  const lines = blocks
    .filter((block) => block.BlockType === 'LINE')
    .map((block, index) => parseLine(block, index, words))
    .filter((line) => line.words.length > 0);
  return withoutNoise({ lines: joinRows(lines) });
}

function parseLine(block: Block, index: number, words: Map<string | undefined, DetectedWord>): DetectedLine {
  const ids = block.Relationships?.find((relationship) => relationship.Type === 'CHILD')?.Ids ?? [];
  const children = ids.flatMap((id) => words.get(id) ?? []).filter((word) => word.text !== '');
  return {
    id: `l${index + 1}`,
    text: children.map((word) => word.text).join(' '),
    confidence: block.Confidence ?? 0,
    polygon: parsePolygon(block),
    words: children,
  };
}

function parseWord(block: Block): DetectedWord {
  return {
    text: (block.Text ?? '').trim(),
    confidence: block.Confidence ?? 0,
    polygon: parsePolygon(block),
    ...parseTextType(block),
  };
}

const textTypes: Record<string, TextType> = { HANDWRITING: 'handwriting', PRINTED: 'printed' };

function parseTextType(block: Block): { textType?: TextType } {
  const textType = textTypes[block.TextType ?? ''];
  return textType ? { textType } : {};
}

function parsePolygon({ Geometry }: Block): Polygon {
  const points = (Geometry?.Polygon ?? []).map((point) => ({ x: point.X ?? 0, y: point.Y ?? 0 }));
  if (points.length === 4) return points as Polygon;
  const box = Geometry?.BoundingBox;
  if (!box) throw new UnreadableAnswerError('A block has no geometry');
  const { Left = 0, Top = 0, Width = 0, Height = 0 } = box;
  return [
    { x: Left, y: Top },
    { x: Left + Width, y: Top },
    { x: Left + Width, y: Top + Height },
    { x: Left, y: Top + Height },
  ];
}
