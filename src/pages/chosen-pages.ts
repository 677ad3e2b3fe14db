// The pages that an action is about, and its entry in the audit trail.
import type { AuditService } from '../audit/audit.service.ts';
import type { AuditAction } from '../audit/audit-actions.ts';
import { notFound } from '../errors.ts';
import type { Person } from '../people/person.ts';
import { aboutProject, type ProjectService } from '../projects/project.service.ts';
import type { Project } from '../projects/project.ts';
import type { PageStore } from './page.store.ts';
import type { PageSummary } from './page.ts';

interface Dependencies {
  projects: Pick<ProjectService, 'open'>;
  pages: Pick<PageStore, 'list'>;
  audit: Pick<AuditService, 'record' | 'recordChange'>;
}

/** The selected pages, in order, and all pages of the project. */
interface Choice {
  project: Project;
  chosen: PageSummary[];
  all: PageSummary[];
}

/** The limit of pages that an audit entry names. */
const pagesInEntry = 100;

export function createPageChoice({ projects, pages, audit }: Dependencies) {
  return {
    /** Throws unless all of them are pages of a project that the person may change. */
    async choose(person: Person, projectId: string, pageIds: string[]): Promise<Choice> {
      const project = await projects.open(person, projectId);
      const all = await pages.list(projectId);
      const wanted = new Set(pageIds);
      const chosen = all.filter((page) => wanted.has(page.id));
      if (chosen.length !== wanted.size || wanted.size === 0) throw notFound('page');
      return { project, chosen, all };
    },

    async recordChange<T>(
      person: Person,
      { project, chosen }: Pick<Choice, 'project' | 'chosen'>,
      said: { action: AuditAction; detail?: string | undefined },
      change: () => Promise<T>,
    ): Promise<T> {
      const about = aboutProject(person, project);
      const { action, detail } = said;
      const [first] = chosen;
      if (first && chosen.length === 1) {
        const { id: pageId, fileName } = first;
        return audit.recordChange({ ...about, action, pageId, fileName, ...(detail && { detail }) }, change);
      }
      const parts = [];
      for (let at = 0; at < chosen.length; at += pagesInEntry)
        parts.push(chosen.slice(at, at + pagesInEntry));
      const last = parts.pop() ?? [];
      const describePart = (part: PageSummary[]) =>
        `${detail ? `${detail}; ` : ''}${part.length} pages: ${part.map(({ id }) => id).join(' ')}`;
      for (const part of parts) await audit.record({ ...about, action, detail: describePart(part) });
      return audit.recordChange({ ...about, action, detail: describePart(last) }, change);
    },
  };
}

export type PageChoice = ReturnType<typeof createPageChoice>;
