// A person's correction lies over the detection, which stays as it was. The corrected words take over the geometry of
// the line they replace, so that the text layer of a PDF follows.
import type { DetectedLine, DetectedWord, Detection, Point, Polygon } from './detected-text.ts';

export interface ReviewedLine extends DetectedLine {
  /** What a person made of the line; absent when it is as detected. */
  corrected?: string;
}

/** The detection as people have corrected it. */
export function applyCorrections(
  detection: Detection,
  corrections: Record<string, string> = {},
): ReviewedLine[] {
  return detection.lines.flatMap((line) => {
    const corrected = Object.hasOwn(corrections, line.id) ? corrections[line.id] : undefined;
    return corrected === undefined ? [line] : [{ ...line, corrected, words: placeWords(line, corrected) }];
  });
}

/** The text that counts: corrected where somebody did. */
export function reviewedText(lines: ReviewedLine[]): string {
  return lines
    .map((line) => line.corrected ?? line.text)
    .filter((text) => text !== '')
    .join('\n');
}

function placeWords(line: DetectedLine, corrected: string): DetectedWord[] {
  const texts = corrected.split(/\s+/).filter(Boolean);
  if (texts.length === line.words.length) {
    return texts.map((text, index) => {
      const word = line.words[index] as DetectedWord;
      return text === word.text ? word : { ...word, text, confidence: 100 };
    });
  }
  return spread(texts, line.polygon);
}

/** Shares the line out among the words by their lengths, with a character's width between them. */
function spread(texts: string[], polygon: Polygon): DetectedWord[] {
  const total = texts.reduce((sum, text) => sum + text.length, 0) + Math.max(0, texts.length - 1);
  let before = 0;
  return texts.map((text) => {
    const from = before / total;
    const to = (before + text.length) / total;
    before += text.length + 1;
    const [topLeft, topRight, bottomRight, bottomLeft] = polygon;
    return {
      text,
      confidence: 100,
      polygon: [
        between(topLeft, topRight, from),
        between(topLeft, topRight, to),
        between(bottomLeft, bottomRight, to),
        between(bottomLeft, bottomRight, from),
      ],
    };
  });
}

function between(start: Point, end: Point, share: number): Point {
  return { x: start.x + (end.x - start.x) * share, y: start.y + (end.y - start.y) * share };
}
