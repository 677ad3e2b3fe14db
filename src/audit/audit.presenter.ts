// Presents audit trails.
import { formatCount } from '../http/formatting.ts';
import { formatTime } from '../http/times.ts';
import type { AuditEntry, TrailKind, TrailName } from './audit.ts';
import { auditActions } from './audit-actions.ts';
import type { AuditNames } from './audit-names.ts';
import type { Verdict } from './verify-trail.ts';

/** A part of a sentence. Views isolate names, which may have another writing direction. */
export interface Piece {
  text: string;
  isName?: boolean;
  url?: string;
}

/** An entry as a sentence with links. */
export function presentEntry(entry: AuditEntry, now: Date, names: AuditNames) {
  const { number, actorId, projectId } = entry;
  return {
    number,
    when: formatTime(entry.at, now),
    who: entry.actorName,
    email: entry.actorEmail ?? '',
    whoUrl: actorId === 'system' ? '' : trailUrl(`person:${actorId}`),
    sentence: describeEntry(entry, names),
    fileName: entry.pageId ? fileNameOf(entry, names) : '',
    detail: describeDetail(entry, names),
    project: projectId ? (entry.projectName ?? names.project(projectId) ?? 'a deleted project') : '',
    projectUrl: projectId ? trailUrl(`project:${projectId}`) : '',
    hash: entry.hash,
  };
}

/** The file name recorded in the entry, or the page's current one. */
export function fileNameOf({ fileName, pageId = '' }: AuditEntry, names: AuditNames): string {
  return fileName ?? names.page(pageId)?.fileName ?? '';
}

/** The action with its object: "rotated page 6". */
export function describeEntry(entry: AuditEntry, names: AuditNames): Piece[] {
  const known = Object.hasOwn(auditActions, entry.action) ? auditActions[entry.action] : entry.action;
  const action = entry.action === 'page.changed' ? describeChange(entry.detail ?? '') : known;
  return action
    .split(/(\{\w+\})/)
    .filter(Boolean)
    .map((part) => fill(part, entry, names));
}

function fill(part: string, entry: AuditEntry, names: AuditNames): Piece {
  switch (part) {
    case '{page}':
      return describePage(entry, names);
    case '{file}': {
      const fileName = entry.fileName ?? names.file(entry.detail ?? '');
      return fileName ? { text: fileName, isName: true } : { text: 'a file' };
    }
    case '{person}': {
      const { personId = '', actorId } = entry;
      if (personId === actorId) return { text: 'themselves' };
      return {
        text: names.person(personId) ?? 'a person',
        isName: true,
        url: trailUrl(`person:${personId}`),
      };
    }
    default:
      return { text: part };
  }
}

function describePage({ pageId, projectId, detail = '' }: AuditEntry, names: AuditNames): Piece {
  if (!pageId) return { text: detail.match(/\d+ (?:pages?|files?)(?=: )/)?.[0] ?? 'pages' };
  const number = names.page(pageId)?.number;
  if (number === undefined) return { text: 'a page' };
  return { text: `page ${number}`, url: `/projects/${projectId}/pages/${pageId}` };
}

/** Recorded details of `page.changed`, and their sentences. */
const changes: [RegExp, string][] = [
  [/^rotated/, 'rotated {page}'],
  [/^moved to (\d+)/, 'moved {page} to position $1'],
  [/^marked as reviewed/, 'marked {page} as reviewed'],
  [/^marked as not reviewed/, 'undid the review of {page}'],
  [/^corrected/, 'corrected the text of {page}'],
  [/^accepted/, 'accepted words on {page}'],
  [/^doubted again/, 'marked words on {page} as unsure'],
  [/^undid/, 'undid a change on {page}'],
];

function describeChange(detail: string): string {
  const [first = ''] = detail.split('; ');
  const known = changes.find(([pattern]) => pattern.test(first));
  return known ? (known[1].replace('$1', known[0].exec(first)?.[1] ?? '') as string) : 'changed {page}';
}

const ulid = /[0-9A-HJKMNP-TV-Z]{26}/;
/** One or more ids separated by spaces. */
const ulids = /([0-9A-HJKMNP-TV-Z]{26}(?: [0-9A-HJKMNP-TV-Z]{26})*)/;

/** Details that the sentence leaves out, with names and page numbers instead of ids. */
function describeDetail({ action, detail = '', fileName }: AuditEntry, names: AuditNames): Piece[] {
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

/** "corrected l3" as "corrected line 3"; ids of words as "line 3 word 2". */
function describeLines(detail: string): string {
  return detail.replace(/\bl(\d+)(?:\.(\d+))?\b/g, (_, line: string, word?: string) =>
    word ? `line ${line} word ${word}` : `line ${line}`,
  );
}

export function trailUrl(trail: TrailName, path = '/admin/audit'): string {
  const [kind, id] = trail.split(/:(.*)/s) as [TrailKind, string];
  return `${path}?${kind}=${encodeURIComponent(id)}`;
}

/** The result of a check, in a sentence or two. */
export function describeVerdict(trail: TrailName | 'this trail', verdict: Verdict): string {
  if (verdict.intact) {
    const all =
      verdict.count === 1
        ? `The only entry of ${trail} is unchanged.`
        : `All ${formatCount(verdict.count)} entries of ${trail} are unchanged.`;
    return `${all} The last hash is ${verdict.lastHash}.`;
  }
  const faults = {
    changed: `Entry ${verdict.number} of ${trail} was changed after it was written.`,
    removed: `Entry ${verdict.number} of ${trail} was removed.`,
    reordered: `Entry ${verdict.number} of ${trail} was moved from another position.`,
    added: `Entry ${verdict.number} of ${trail} is a duplicate or follows the newest entry: an entry was added, or the end of the trail was reset.`,
  };
  return `${faults[verdict.fault]} Earlier entries are unchanged; later entries can’t be verified.`;
}
