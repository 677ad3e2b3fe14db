// The messages between the worker and the process that draws pages.
import * as z from 'zod';

/** Why a file or page cannot be drawn. Retrying will not help. */
const drawingFaults = [
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

export const drawingRequest = z.discriminatedUnion('do', [
  z.object({ do: z.literal('open'), path: z.string(), type: z.string() }),
  /** Writes the own text of page `number` (from 1) to `path`, where it is real. */
  z.object({ do: z.literal('takeText'), number: z.number().int().positive(), path: z.string() }),
  /** Writes a PDF of these pages to `path`. */
  z.object({ do: z.literal('copyPages'), numbers: z.array(z.number().int().positive()), path: z.string() }),
  /** Writes page `number` to `path` as a JPEG. */
  z.object({
    do: z.literal('draw'),
    number: z.number().int().positive(),
    path: z.string(),
    use: z.enum(['reading', 'looking']),
  }),
]);
export type DrawingRequest = z.infer<typeof drawingRequest>;

export const drawingAnswer = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('opened'), pageCount: z.number().int() }),
  z.object({ outcome: z.literal('text'), isReal: z.boolean() }),
  z.object({ outcome: z.literal('copied') }),
  z.object({ outcome: z.literal('drawn'), hadText: z.boolean() }),
  z.object({ outcome: z.literal('refused'), fault: z.enum(drawingFaults), detail: z.string() }),
]);
export type DrawingAnswer = z.infer<typeof drawingAnswer>;
