import * as z from 'zod';
import type { Allowance } from './allowance.ts';

/** Empty when there is no limit. */
export const allowanceAnswer = z.strictObject({
  pagesPerDay: z.number().int().optional(),
  pagesLeft: z.number().int().optional(),
  resetsAt: z.iso.datetime().optional(),
});

export function toAllowanceAnswer(allowance: Allowance | undefined) {
  return allowanceAnswer.parse(allowance ? { ...allowance, resetsAt: allowance.resetsAt.toISOString() } : {});
}
