// How a project's own item is stored.
import { projectPartition } from './project.keys.ts';
import type { Project } from './project.ts';

/** The key of a project's item. Its pages and exports are in the same partition. */
export const projectKey = (projectId: string) => ({ pk: projectPartition(projectId), sk: 'PROJECT' });

/** All projects have one key of the index `byKind`, sharded; a person's own one of `byOwner`. ULIDs sort by time. */
export const newestKeys = { of: (personId: string) => `PROJECTS#${personId}`, all: 'PROJECT' };

export function toProject(item: Record<string, unknown>): Project {
  const { id, name, ownerId, ownerName, createdAt, languages } = item as unknown as Project;
  return { id, name, ownerId, ownerName, createdAt, ...(languages?.length ? { languages } : {}) };
}
