import { fileNameOf, type Piece, sayEntry } from './audit.presenter.ts';
import type { AuditEntry } from './audit.ts';
import type { AuditNames } from './audit-names.ts';

/** For people, then what the hashes are made of, ids included. */
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
export function toCsv(entries: AuditEntry[], names: AuditNames): string {
  const rows = entries.map((entry) => {
    const cells = {
      ...entry,
      what: textOf(sayEntry(entry, names)),
      projectName: entry.projectName ?? (entry.projectId ? names.project(entry.projectId) : undefined),
      pageNumber: entry.pageId ? names.page(entry.pageId)?.number : undefined,
      fileName: fileNameOf(entry, names),
      personName: entry.personId ? names.person(entry.personId) : undefined,
    };
    return columns.map((column) => toCell(String(cells[column] ?? '')));
  });
  return `\ufeff${[columns, ...rows].map((row) => `${row.join(',')}\r\n`).join('')}`;
}

const textOf = (pieces: Piece[]) => pieces.map(({ text }) => text).join('');

/**
 * A cell that begins like a formula is prefixed with an apostrophe, so that no spreadsheet program runs what somebody
 * gave as a name (OWASP, CSV injection; ASVS 5.0, V1.2.10).
 */
function toCell(value: string): string {
  const text = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
