// Textract's answer for one page: https://docs.aws.amazon.com/textract/latest/dg/API_Block.html
import { randomUUID } from 'node:crypto';
import type { Block, DetectDocumentTextResponse, Geometry } from '@aws-sdk/client-textract';
import type { Polygon } from '../../text/detected-text.ts';
import type { TextLine } from './text-line.ts';

const wholePage: Polygon = [
  { x: 0, y: 0 },
  { x: 1, y: 0 },
  { x: 1, y: 1 },
  { x: 0, y: 1 },
];

/**
 * A PAGE block, then every LINE in reading order, then every WORD, tied together by CHILD relationships. Unlike Textract's, a word that
 * may be handwriting or print has no `TextType` (docs/decisions/0057).
 */
export function buildResponse(lines: TextLine[]): DetectDocumentTextResponse {
  const words: Block[] = [];
  const lineBlocks = lines.map((line): Block => {
    const children = line.words.map(
      (word): Block => ({
        BlockType: 'WORD',
        Confidence: word.confidence,
        Text: word.text,
        ...(word.textType && { TextType: word.textType === 'handwriting' ? 'HANDWRITING' : 'PRINTED' }),
        Geometry: describePlace(word.polygon),
        Id: randomUUID(),
        Page: 1,
      }),
    );
    words.push(...children);
    return {
      BlockType: 'LINE',
      Confidence: line.confidence,
      Text: line.text,
      Geometry: describePlace(line.polygon),
      Id: randomUUID(),
      ...relate(children),
      Page: 1,
    };
  });
  const page: Block = {
    BlockType: 'PAGE',
    Geometry: describePlace(wholePage),
    Id: randomUUID(),
    ...relate(lineBlocks),
    Page: 1,
  };
  return {
    DetectDocumentTextModelVersion: '1.0',
    DocumentMetadata: { Pages: 1 },
    Blocks: [page, ...lineBlocks, ...words],
  };
}

function relate(children: Block[]): Pick<Block, 'Relationships'> {
  if (children.length === 0) return {};
  return { Relationships: [{ Type: 'CHILD', Ids: children.map((child) => child.Id as string) }] };
}

function describePlace(polygon: Polygon): Geometry {
  const xs = polygon.map((point) => point.x);
  const ys = polygon.map((point) => point.y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return {
    BoundingBox: { Width: Math.max(...xs) - left, Height: Math.max(...ys) - top, Left: left, Top: top },
    Polygon: polygon.map(({ x, y }) => ({ X: x, Y: y })),
  };
}
