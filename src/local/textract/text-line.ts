import type { DetectedLine } from '../../text/detected-text.ts';

/** A line as an engine reads it. */
export type TextLine = Omit<DetectedLine, 'id'>;
