// Which detected words a person should check.
import type { DetectedWord, Detection } from './detected-text.ts';

/** Words below this confidence are marked as unsure. */
const doubtfulBelow = 80;

/** Whether a text has no letter or digit: rules, dots, and what is found in a photograph. */
function isNoise(text: string): boolean {
  return !/[\p{L}\p{N}]/u.test(text);
}

/** Noise never is: checking it changes nothing. Handwriting always is, however confident the detector is. */
export function isDoubtful({ text, confidence, textType }: Omit<DetectedWord, 'polygon'>): boolean {
  return (confidence < doubtfulBelow || textType === 'handwriting') && !isNoise(text);
}

/** A page on which nothing but noise was found has no text. */
export function withoutNoise(detection: Detection): Detection {
  return detection.lines.every((line) => line.words.every(({ text }) => isNoise(text)))
    ? { lines: [] }
    : detection;
}

export function countDoubtfulWords(detection: Detection): number {
  return detection.lines.reduce((count, line) => count + line.words.filter(isDoubtful).length, 0);
}
