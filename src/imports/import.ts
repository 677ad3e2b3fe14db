// A file of several pages, from its upload until it is split into them.
import type { DocumentType } from '../files/file-types.ts';

export const importStatuses = ['queued', 'splitting', 'done', 'failed'] as const;
export type ImportStatus = (typeof importStatuses)[number];

export interface Import {
  id: string;
  projectId: string;
  /** Who uploaded the file, in whose turn it is split. Files from before this was noted have none. */
  personId?: string | undefined;
  /** All its pages have this position; their ids, which rise, order them. So they stay together. */
  position: number;
  status: ImportStatus;
  /** The name that the file had, for display only. */
  fileName: string;
  /** The file as it came. It is never changed, and kept as long as any of its pages. */
  originalKey: string;
  contentType: DocumentType;
  sizeBytes: number;
  sha256: string;
  /** Whether its pages were counted among those of the person's day. */
  isCounted?: boolean;
  /** Known once the file has been opened. */
  pageCount?: number;
  /** How many pages, from the first on, have become pages of the project. Never falls. */
  pagesDone: number;
  /** How many of them had text of their own, which is not used: they are read as images. */
  pagesWithText: number;
  /** How many of them ended the process that drew them. */
  pagesBroken?: number;
  /** The attempt that made the last of them. */
  progressAttempt?: number;
  failure?: { code: string; message: string };
  createdAt: string;
  updatedAt: string;
}

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const numberLength = 4;

/** The id of an import's page: the same whoever splits it and however often; a ULID that rises with the number. */
export function importedPageId(importId: string, number: number): string {
  let rest = number;
  let digits = '';
  for (let place = 0; place < numberLength; place += 1) {
    digits = alphabet[rest % 32] + digits;
    rest = Math.floor(rest / 32);
  }
  return importId.slice(0, -numberLength) + digits;
}

export function isImportOver(item: { status: ImportStatus }): boolean {
  return item.status === 'done' || item.status === 'failed';
}
