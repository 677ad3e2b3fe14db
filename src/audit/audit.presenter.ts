// Presents audit trails.
import { formatTime } from '../http/times.ts';
import type { AuditEntry, TrailKind, TrailName } from './audit.ts';
import { auditActions } from './audit-actions.ts';
import { describeDetail, type Piece } from './audit-detail.presenter.ts';
import type { AuditNames } from './audit-names.ts';
import { describeChange } from './page-change.presenter.ts';

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

export function trailUrl(trail: TrailName, path = '/admin/audit'): string {
  const [kind, id] = trail.split(/:(.*)/s) as [TrailKind, string];
  return `${path}?${kind}=${encodeURIComponent(id)}`;
}
