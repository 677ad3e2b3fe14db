// What the worker and the process that draws pages say to each other.
import * as z from 'zod';

/** Why a file or a page cannot be drawn, and never will be. */
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

/** Ends a process that takes more memory than any page may. */
export const tooLargeSignal = 'SIGUSR2';

export const drawingRequest = z.discriminatedUnion('do', [
  z.object({ do: z.literal('open'), path: z.string(), type: z.string() }),
  /** Page `number`, from 1 on, is written to `path` as a JPEG. */
  z.object({ do: z.literal('draw'), number: z.number().int().positive(), path: z.string() }),
]);
export type DrawingRequest = z.infer<typeof drawingRequest>;

export const drawingAnswer = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('opened'), pageCount: z.number().int() }),
  z.object({ outcome: z.literal('drawn'), hadText: z.boolean() }),
  z.object({ outcome: z.literal('refused'), fault: z.enum(drawingFaults), detail: z.string() }),
]);
export type DrawingAnswer = z.infer<typeof drawingAnswer>;
