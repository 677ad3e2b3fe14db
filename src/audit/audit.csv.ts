import { takeTurns } from '../runtime/short-turns.ts';
import { describeEntry, fileNameOf, type Piece } from './audit.presenter.ts';
import type { AuditEntry } from './audit.ts';
import type { AuditNames } from './audit-names.ts';

/** Columns for people first, then the data that the hashes cover, including ids. */
const columns = [
  'number',
  'at',
  'actorName',
  'actorEmail',
  'what',
  'projectName',
  'pageNumber',
  'fileName',
  'personName',
  'detail',
  'action',
  'actorId',
  'projectId',
  'personId',
  'pageId',
  'exportId',
  'id',
  'previous',
  'hash',
] as const;

/** A trail as CSV (RFC 4180), with a byte order mark for spreadsheet programs. */
export async function toCsv(entries: AuditEntry[], names: AuditNames): Promise<string> {
  const takeTurn = takeTurns();
  const rows: string[][] = [[...columns]];
  for (const entry of entries) {
    await takeTurn();
    const cells = {
      ...entry,
      what: textOf(describeEntry(entry, names)),
      projectName: entry.projectName ?? (entry.projectId ? names.project(entry.projectId) : undefined),
      pageNumber: entry.pageId ? names.page(entry.pageId)?.number : undefined,
      fileName: fileNameOf(entry, names),
      personName: entry.personId ? names.person(entry.personId) : undefined,
    };
    rows.push(columns.map((column) => toCell(String(cells[column] ?? ''))));
  }
  return `\ufeff${rows.map((row) => `${row.join(',')}\r\n`).join('')}`;
}

const textOf = (pieces: Piece[]) => pieces.map(({ text }) => text).join('');

/**
 * Where a cell begins, for any separator. Where Excel splits at `;` (most of Europe), quotes do not protect a cell.
 */
const formulas = /(?<=^|[,;\t\r\n"])(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])|^(?=\n)/g;

/**
 * Prefixes text that starts like a formula with an apostrophe, also after a possible separator, so that no spreadsheet
 * program executes a name (OWASP, CSV injection; ASVS 5.0, V1.2.10).
 */
function toCell(value: string): string {
  const text = value.replace(formulas, "'");
  return /[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
