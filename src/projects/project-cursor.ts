// The cursor of a list of projects in the API.
import * as z from 'zod';
import { ulid } from '../ids.ts';
import type { ProjectOrder } from './project.ts';

/** A project's sort value and id. */
const placeInOrder = z
  .string()
  .max(1024)
  .regex(/#[0-7][0-9A-HJKMNP-TV-Z]{25}$/s);

/** The cursor after a project. For the newest-first order it is the project's id; otherwise it is opaque. */
export function writeCursor(order: ProjectOrder, cursor: string): string {
  return order === 'newest' ? cursor : Buffer.from(cursor).toString('base64url');
}

/** `undefined` for text that is not a cursor of this order. */
export function readCursor(order: ProjectOrder, cursor: string): string | undefined {
  if (order === 'newest') return ulid.safeParse(cursor).data;
  return placeInOrder.safeParse(Buffer.from(cursor, 'base64url').toString('utf8')).data;
}
