// A file of several pages, from its upload until it is split.
import type { DocumentType } from '../files/file-types.ts';

export const importStatuses = ['queued', 'splitting', 'done', 'failed'] as const;
export type ImportStatus = (typeof importStatuses)[number];

export interface Import {
  id: string;
  projectId: string;
  /** The person who uploaded the file, whose turn the work takes. Missing on older items. */
  personId?: string | undefined;
  /** The uploader's. Missing in imports of the default organisation. */
  organisationId?: string;
  /** The position that all its pages share. Their ascending ids order them, so they stay together. */
  position: number;
  status: ImportStatus;
  /** The original file name, for display only. */
  fileName: string;
  /** The original file. Never changed; kept as long as any of its pages. */
  originalKey: string;
  contentType: DocumentType;
  sizeBytes: number;
  sha256: string;
  /** Whether its pages count towards the person's daily limit. */
  isCounted?: boolean;
  /** Known once the file has been opened. */
  pageCount?: number;
  /** How many pages, counted from the first, exist in the project. Never decreases. */
  pagesDone: number;
  /** How many of them had text of their own, real or not. */
  pagesWithText: number;
  /** How many of them crashed the process that drew them. */
  pagesBroken?: number;
  /** The attempt that made the last page. */
  progressAttempt?: number;
  failure?: { code: string; message: string };
  createdAt: string;
  updatedAt: string;
}

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const numberLength = 4;

/** The id of an import's page. It depends on the file and the number alone, and ascends with the number (a ULID). */
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
