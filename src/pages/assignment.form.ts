import * as z from 'zod';
import { granteeId } from '../projects/sharing.api.ts';

/** Whom a form assigns to. Nothing: no one. */
export const assigneeField = z
  .union([z.literal(''), granteeId])
  .default('')
  .transform((id) => id || null);
