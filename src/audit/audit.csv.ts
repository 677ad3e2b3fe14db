import { takeTurns } from '../runtime/short-turns.ts';
import { describeEntry, fileNameOf } from './audit.presenter.ts';
import type { AuditEntry } from './audit.ts';
import type { Piece } from './audit-detail.presenter.ts';
import type { AuditNames } from './audit-names.ts';
import { toCell } from './csv-cell.ts';

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
