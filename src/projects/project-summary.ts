import type { Project } from './project.ts';

/** Facts derived from a project's pages. */
export interface ProjectFacts {
  pageCount: number;
  underWayCount: number;
  failedCount: number;
  doubtfulCount: number;
  reviewedCount: number;
  /** How much its pages' originals take. Missing in summaries that were derived before. */
  originalBytes?: number;
  /** The first pages that have a thumbnail, at most three. */
  firstPages: { id: string; revision: number; rotation?: number; straightened?: number }[];
}

export interface ProjectSummary {
  /** ISO 8601. */
  changedAt: string;
  /** Set when the facts must be derived again. */
  stale?: string;
  facts?: ProjectFacts;
  /** The project, so that the index shows all that a list does. Missing in summaries that were written before. */
  projectCopy?: Project;
}

/** A project with its summary. */
export interface ListedProject {
  project: Project;
  summary: ProjectSummary | undefined;
}
