// How a project's own item is stored.
import { keyOfOrganisation, organisationOf } from '../people/organisation.ts';
import { foldName } from '../text/names.ts';
import { isAssignable } from './assignment.ts';
import { projectPartition } from './project.keys.ts';
import type { Project, ProjectMember } from './project.ts';

/** The key of a project's item. Its pages and exports are in the same partition. */
export const projectKey = (projectId: string) => ({ pk: projectPartition(projectId), sk: 'PROJECT' });

type Order = 'newest' | 'changed' | 'name';
const words = { newest: 'PROJECTS', changed: 'CHANGED', name: 'NAMES' };
const kinds = { newest: 'PROJECT', changed: 'CHANGED', name: 'NAMES' };

/**
 * The partitions of lists of projects in their three orders: what someone owns (`byOwner`), what is shared with someone
 * (`byOwner`, by name in `byKind`), and all of an organisation (`byKind`, sharded). Someone is a person or a team.
 */
export const listKeys = {
  ownedBy: (order: Order, ownerId: string) => `${words[order]}#${ownerId}`,
  sharedWith: (order: Order, memberId: string) => `SHARED-${words[order]}#${memberId}`,
  allOf: (order: Order, organisationId: string) => keyOfOrganisation(kinds[order], organisationId),
};

/** Where a project stands in a list by name. A sort key holds at most 1024 bytes. */
export const nameSort = ({ id, name }: Pick<Project, 'id' | 'name'>) =>
  `${[...foldName(name)].slice(0, 200).join('')}#${id}`;

export function toProject(item: Record<string, unknown>): Project {
  const { id, name, ownerId, ownerName, createdAt, languages, members, assignment } = item as unknown as Omit<
    Project,
    'members'
  > & { members?: Record<string, ProjectMember> };
  const shared = Object.values(members ?? {}).toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return {
    id,
    name,
    organisationId: organisationOf(item),
    ownerId,
    ownerName,
    createdAt,
    ...(languages?.length ? { languages } : {}),
    ...(members ? { members: shared } : {}),
    ...(assignment && isAssignable({ ownerId, members: shared }, assignment.id) ? { assignment } : {}),
  };
}
