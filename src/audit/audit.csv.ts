import type { AuditEntry } from './audit.ts';

const columns: (keyof AuditEntry)[] = [
  'number',
  'at',
  'actorName',
  'actorEmail',
  'actorId',
  'action',
  'projectId',
  'projectName',
  'personId',
  'pageId',
  'exportId',
  'detail',
  'id',
  'previous',
  'hash',
];

/** A trail as CSV (RFC 4180), with a byte order mark for spreadsheet programs. */
export function toCsv(entries: AuditEntry[]): string {
  const rows = entries.map((entry) => columns.map((column) => toCell(String(entry[column] ?? ''))));
  return `\ufeff${[columns, ...rows].map((row) => `${row.join(',')}\r\n`).join('')}`;
}

/**
 * A cell that begins like a formula is prefixed with an apostrophe, so that no spreadsheet program runs what somebody
 * gave as a name (OWASP, CSV injection; ASVS 5.0, V1.2.10).
 */
function toCell(value: string): string {
  const text = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
