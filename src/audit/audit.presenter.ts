// What the views of audit trails show.
import { sayTime } from '../http/times.ts';
import { type AuditEntry, auditActions, type TrailKind, type TrailName, type Verdict } from './audit.ts';

/** An entry as a sentence: who did what, and where to look further. */
export function presentEntry(entry: AuditEntry, now: Date) {
  const { number, actorId, projectId, personId, pageId } = entry;
  const action = Object.hasOwn(auditActions, entry.action) ? auditActions[entry.action] : entry.action;
  return {
    number,
    when: sayTime(entry.at, now),
    who: entry.actorName,
    email: entry.actorEmail ?? '',
    whoUrl: actorId === 'system' ? '' : trailUrl(`person:${actorId}`),
    action,
    project: projectId ? (entry.projectName ?? projectId) : '',
    projectUrl: projectId ? trailUrl(`project:${projectId}`) : '',
    pageUrl: projectId && pageId ? `/projects/${projectId}/pages/${pageId}` : '',
    pageId: pageId ?? '',
    exportId: entry.exportId ?? '',
    personId: personId && personId !== actorId ? personId : '',
    personUrl: personId ? trailUrl(`person:${personId}`) : '',
    detail: entry.detail ?? '',
    hash: entry.hash,
  };
}

export function trailUrl(trail: TrailName, path = '/admin/audit'): string {
  const [kind, id] = trail.split(/:(.*)/s) as [TrailKind, string];
  return `${path}?${kind}=${encodeURIComponent(id)}`;
}

/** What a check found, in a sentence or two. */
export function sayVerdict(trail: TrailName, verdict: Verdict): string {
  if (verdict.intact) {
    const all =
      verdict.count === 1
        ? `The one entry of ${trail} is as it was written.`
        : `All ${verdict.count} entries of ${trail} are as they were written.`;
    return `${all} The last hash is ${verdict.lastHash}.`;
  }
  const faults = {
    changed: `Entry ${verdict.number} of ${trail} was changed after it was written.`,
    removed: `Entry ${verdict.number} of ${trail} was removed.`,
    reordered: `Entry ${verdict.number} of ${trail} was put in another’s place.`,
    added: `Entry ${verdict.number} of ${trail} stands twice or behind the newest one: one was added by hand, or the end was set back.`,
  };
  return `${faults[verdict.fault]} What comes before it is as it was written; what comes after it proves nothing.`;
}
