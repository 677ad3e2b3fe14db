// The messages between the worker and the process that draws pages. Without zod, which that process would load for each
// file.

/** Why a file or page cannot be drawn. Retrying will not help. */
export const drawingFaults = [
  'encrypted',
  'damaged',
  'foreign',
  'no-pages',
  'page-unreadable',
  'page-too-large',
  'page-too-costly',
  'out-of-memory',
] as const;
export type DrawingFault = (typeof drawingFaults)[number];

/** Sent to a process that exceeds its memory limit. */
export const tooLargeSignal = 'SIGUSR2';

/** A step of what was asked, for the trace: in milliseconds since the epoch. */
export interface DrawingStep {
  name: (typeof drawingSteps)[number];
  startedAt: number;
  endedAt: number;
}

export const drawingSteps = ['load', 'open', 'draw', 'take text', 'copy pages'] as const;

/** Whose step it is (W3C), where that is recorded: then the answer tells how long each of its own steps took. */
interface Traced {
  traceparent?: string | undefined;
}

/** Pages are numbered from 1. */
export type DrawingRequest = Traced & DrawingTask;

export type DrawingTask =
  | { do: 'open'; path: string; type: string }
  /** Writes the page's own text to `path`, where it is real. */
  | { do: 'takeText'; number: number; path: string }
  /** Writes a PDF of these pages to `path`. */
  | { do: 'copyPages'; numbers: number[]; path: string }
  /** Writes the page to `path` as a JPEG. */
  | { do: 'draw'; number: number; path: string; use: 'reading' | 'looking' };

export type DrawingAnswer = { steps?: DrawingStep[] | undefined } & DrawingOutcome;

export type DrawingOutcome =
  | { outcome: 'opened'; pageCount: number }
  | { outcome: 'text'; isReal: boolean }
  | { outcome: 'copied' }
  | { outcome: 'drawn'; hadText: boolean }
  | { outcome: 'refused'; fault: DrawingFault; detail: string };
