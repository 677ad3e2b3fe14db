import type { ProjectOverview } from '../../src/projects/project.presenter.ts';
import type { Project, ProjectMember } from '../../src/projects/project.ts';

export function buildProject(overrides: Partial<Project> = {}): Project {
  return {
    id: 'P1',
    name: 'May',
    organisationId: 'default',
    ownerId: 'p-1',
    ownerName: 'Alice',
    createdAt: '2026-11-01T00:00:00.000Z',
    ...overrides,
  };
}

/** A person whom a project is shared with. */
export function buildMember(
  { id, name, email }: { id: string; name: string; email?: string },
  role: ProjectMember['role'] = 'viewer',
): ProjectMember {
  const kind = id.startsWith('t-') ? 'team' : 'person';
  return { id, kind, name, ...(email ? { email } : {}), role, since: '2026-11-01T00:00:00.000Z' };
}

/** A project of read pages in a list. */
export function buildOverview(overrides: Partial<ProjectOverview> = {}): ProjectOverview {
  return {
    project: buildProject(),
    pageCount: 24,
    failedCount: 0,
    underWayCount: 0,
    doubtfulCount: 0,
    reviewedCount: 0,
    changedAt: '2026-11-21T09:58:00.000Z',
    ...overrides,
  };
}
