// Names for the ids in an audit trail.
import type { Person } from '../people/person.ts';
import type { AuditEntry } from './audit.ts';

/** A page's current number; none when the page is gone. */
export interface AuditNames {
  project: (projectId: string) => string | undefined;
  page: (pageId: string) => { number?: number; fileName: string } | undefined;
  /** The file name of an import. */
  file: (importId: string) => string | undefined;
  person: (personId: string) => string | undefined;
}

/** Names that the entries themselves hold, for things that no longer exist. */
export function namesIn(entries: AuditEntry[]): AuditNames {
  const projects = new Map<string, string>();
  const files = new Map<string, string>();
  const people = new Map<string, string>();
  for (const { projectId, projectName, actorId, actorName, pageId, fileName, detail } of entries) {
    if (projectId && projectName && !projects.has(projectId)) projects.set(projectId, projectName);
    if (!people.has(actorId)) people.set(actorId, actorName);
    const of = pageId ?? detail;
    if (of && fileName && !files.has(of)) files.set(of, fileName);
  }
  return {
    project: (id) => projects.get(id),
    page: (id) => {
      const fileName = files.get(id);
      return fileName === undefined ? undefined : { fileName };
    },
    file: (id) => files.get(id),
    person: (id) => people.get(id),
  };
}

/** Looks up the current names of the ids in these entries, and of these people, for somebody of their organisation. */
export type AuditNamer = (asking: Person, entries: AuditEntry[], personIds?: string[]) => Promise<AuditNames>;
