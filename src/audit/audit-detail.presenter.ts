import type { AuditEntry } from './audit.ts';
import type { AuditNames } from './audit-names.ts';
import { changes, describeLines } from './page-change.presenter.ts';

/** A part of a sentence. Views isolate names, which may have another writing direction. */
export interface Piece {
  text: string;
  isName?: boolean;
  url?: string;
}

const ulid = /[0-9A-HJKMNP-TV-Z]{26}/;
/** One or more ids separated by spaces. */
const ulids = /([0-9A-HJKMNP-TV-Z]{26}(?: [0-9A-HJKMNP-TV-Z]{26})*)/;

/** Details that the sentence leaves out, with names and page numbers instead of ids. */
export function describeDetail({ action, detail = '', fileName }: AuditEntry, names: AuditNames): Piece[] {
  const renamed = /^“(.*)” → “(.*)”$/s.exec(detail);
  if (renamed) return [nameOf(renamed[1]), { text: ' → ' }, nameOf(renamed[2])];
  const quoted = /^“(.*)”$/s.exec(detail);
  if (quoted) return [nameOf(quoted[1])];
  if (action.startsWith('import.') && (fileName || ulid.test(detail))) return [];
  if (action === 'page.changed' && !ulid.test(detail)) {
    const isSaid = !/; /.test(detail) && changes.some(([pattern]) => pattern.test(detail));
    return isSaid && !/^(?:corrected|accepted|doubted)/.test(detail) ? [] : [{ text: describeLines(detail) }];
  }
  return detail
    .split(ulids)
    .filter(Boolean)
    .flatMap((part) => (ulid.test(part) ? describeIds(part.split(' '), names) : [{ text: part }]));
}

function describeIds(ids: string[], names: AuditNames): Piece[] {
  return ids.flatMap((id, at) => [...(at > 0 ? [{ text: ', ' }] : []), describeId(id, names)]);
}

const nameOf = (text = ''): Piece => ({ text, isName: true });

function describeId(id: string, names: AuditNames): Piece {
  const page = names.page(id);
  if (page?.number !== undefined) return { text: String(page.number) };
  const name = page?.fileName ?? names.file(id);
  return name ? nameOf(name) : { text: 'deleted' };
}
