// File names in Content-Disposition (RFC 6266): `filename*` holds the name, `filename` an ASCII form for older
// programs.
import { create } from 'content-disposition';
import { asciiFileName } from './ascii-file-name.ts';

/** The header for a file that is saved (`attachment`) or shown (`inline`). */
export function contentDisposition(type: 'attachment' | 'inline', fileName: string): string {
  return create(fileName, { type, fallback: asciiFileName(fileName) });
}
