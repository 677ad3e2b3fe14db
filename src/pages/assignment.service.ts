// Assigns the review of a project, or of single pages of it. The queue follows with the project's summary, which is marked
// as stale before each change, so that the sweeper carries on what is interrupted.
import type { AuditService } from '../audit/audit.service.ts';
import { notFound, PaperliftError } from '../errors.ts';
import type { Person } from '../people/person.ts';
import { assignmentOf, listAssignees } from '../projects/assignment.ts';
import { aboutProject, type ProjectService } from '../projects/project.service.ts';
import type { ProjectStore } from '../projects/project.store.ts';
import type { Assignment, Project } from '../projects/project.ts';
import { actOnEach } from './act-on-each.ts';
import { createPageChoice } from './chosen-pages.ts';
import type { PageStore } from './page.store.ts';
import type { PageSummary } from './page.ts';
import type { SummaryService } from './summary.service.ts';

interface Dependencies {
  projects: Pick<ProjectService, 'open'>;
  store: Pick<ProjectStore, 'assign'>;
  pages: Pick<PageStore, 'list' | 'assign'>;
  summaries: Pick<SummaryService, 'refresh'>;
  /** Marks the project's summary as stale. */
  touch: (projectId: string) => Promise<void>;
  audit: Pick<AuditService, 'record' | 'recordChange'>;
  now: () => Date;
}

export function createAssignmentService({
  projects,
  store,
  pages,
  summaries,
  touch,
  audit,
  now,
}: Dependencies) {
  const choice = createPageChoice({ projects, pages, audit });

  /** Carries the queue over. When this fails, the change stands and the sweeper does it. */
  const follow = (projectId: string) => summaries.refresh(projectId).catch(() => {});

  /** `null`: no one. Throws `not-a-reviewer` for those who may not review the project. */
  function build(person: Person, project: Project, assigneeId: string | null): Assignment | undefined {
    if (assigneeId === null) return undefined;
    const assignee = listAssignees(project).find(({ id }) => id === assigneeId);
    if (!assignee) throw notReviewer();
    const { id, kind, name } = assignee;
    return { id, kind, name, by: { id: person.id, name: person.name }, since: now().toISOString() };
  }

  /** The trail of a person also says what was assigned to them. */
  const personIn = (assignment: Assignment | undefined) =>
    assignment?.kind === 'person' ? { personId: assignment.id } : {};

  return {
    /** Throws what the others throw for a person who may not assign. */
    assertMayAssign: async (person: Person, projectId: string): Promise<void> => {
      await projects.open(person, projectId);
    },

    /** Assigns all pages of a project that are not assigned to someone else. `before`: whom they were assigned to. */
    async assignProject(
      person: Person,
      projectId: string,
      assigneeId: string | null,
    ): Promise<{ project: Project; before: Assignment | undefined }> {
      const project = await projects.open(person, projectId);
      const before = project.assignment;
      const assignment = build(person, project, assigneeId);
      if (before?.id === assignment?.id) return { project, before };
      const about = { ...aboutProject(person, project), ...describe(before, assignment) };
      const changed = await audit.recordChange(
        { ...about, ...personIn(assignment ?? before), action: `project.${about.action}` },
        async () => {
          const assigned = await store.assign(projectId, assignment);
          if (assigned) return assigned;
          await projects.open(person, projectId); // throws when it is gone
          throw notReviewer();
        },
      );
      await follow(projectId);
      return { project: changed, before };
    },

    /** Assigns single pages, or leaves them to the project's assignee. Returns those whose assignment changed. */
    async assignPages(
      person: Person,
      projectId: string,
      pageIds: string[],
      assigneeId: string | null,
    ): Promise<PageSummary[]> {
      const found = await choice.choose(person, projectId, pageIds);
      const assignment = build(person, found.project, assigneeId);
      const before = (page: PageSummary) => assignmentOf({ ...found.project, assignment: undefined }, page);
      const chosen = found.chosen.filter((page) => before(page)?.id !== assignment?.id);
      const [first] = chosen;
      if (!first) return [];
      const { action, detail } = describe(chosen.length === 1 ? before(first) : undefined, assignment);
      await choice.recordChange(
        person,
        { project: found.project, chosen },
        { action: `page.${action}`, detail },
        async () => {
          await touch(projectId);
          await actOnEach(chosen, async (page) => {
            if (!(await pages.assign(page, assignment))) throw notFound('page');
          });
        },
      );
      await follow(projectId);
      return chosen;
    },

    /** Takes the pages of a project from someone who left it, handed it over or may no longer review it. */
    async withdraw(projectId: string, assigneeId: string) {
      const theirs = (await pages.list(projectId)).filter(({ assignment }) => assignment?.id === assigneeId);
      await touch(projectId);
      await actOnEach(theirs, (page) => pages.assign(page, undefined, assigneeId));
      await summaries.refresh(projectId);
    },
  };
}

export type AssignmentService = ReturnType<typeof createAssignmentService>;

/** For the audit trail. */
function describe(before: Assignment | undefined, after: Assignment | undefined) {
  const say = ({ kind, name }: Assignment) => (kind === 'team' ? `team “${name}”` : name);
  if (!after) return { action: 'unassigned', detail: before ? say(before) : undefined } as const;
  return { action: 'assigned', detail: before ? `${say(before)} → ${say(after)}` : say(after) } as const;
}

function notReviewer() {
  return new PaperliftError('invalid', {
    code: 'not-a-reviewer',
    message: 'They can’t review this project.',
    hint: 'Share it with them as reviewer or editor first.',
  });
}
