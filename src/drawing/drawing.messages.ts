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

/** Pages are numbered from 1. */
export type DrawingRequest =
  | { do: 'open'; path: string; type: string }
  /** Writes the page's own text to `path`, where it is real. */
  | { do: 'takeText'; number: number; path: string }
  /** Writes a PDF of these pages to `path`. */
  | { do: 'copyPages'; numbers: number[]; path: string }
  /** Writes the page to `path` as a JPEG. */
  | { do: 'draw'; number: number; path: string; use: 'reading' | 'looking' };

export type DrawingAnswer =
  | { outcome: 'opened'; pageCount: number }
  | { outcome: 'text'; isReal: boolean }
  | { outcome: 'copied' }
  | { outcome: 'drawn'; hadText: boolean }
  | { outcome: 'refused'; fault: DrawingFault; detail: string };
