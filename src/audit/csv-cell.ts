/**
 * Where a cell begins, for any separator. Where Excel splits at `;` (most of Europe), quotes do not protect a cell.
 */
const formulas = /(?<=^|[,;\t\r\n"])(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])|^(?=\n)/g;

/**
 * Prefixes text that starts like a formula with an apostrophe, also after a possible separator, so that no spreadsheet
 * program executes a name (OWASP, CSV injection; ASVS 5.0, V1.2.10).
 */
export function toCell(value: string): string {
  const text = value.replace(formulas, "'");
  return /[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
