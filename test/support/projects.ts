import type { ProjectOverview } from '../../src/projects/project.presenter.ts';
import type { Project } from '../../src/projects/project.ts';

export function buildProject(overrides: Partial<Project> = {}): Project {
  return {
    id: 'P1',
    name: 'May',
    ownerId: 'p-1',
    ownerName: 'Alice',
    createdAt: '2026-11-01T00:00:00.000Z',
    ...overrides,
  };
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
