// Where the entries of a list of projects lie in the table.
import type { ProjectOrder } from './project.ts';
import { listKeys } from './project-item.ts';

/** Whose projects: what these own, what is shared with any of these, or all of an organisation. */
export type ListedWhose = { ownedBy: string[] } | { sharedWith: string[] } | { organisationId: string };
export type Index = 'byOwner' | 'byKind';

/** Where the entries lie. */
export function placesOf(whose: ListedWhose, order: ProjectOrder) {
  if ('organisationId' in whose)
    return {
      index: 'byKind' as const,
      partitions: [listKeys.allOf(order, whose.organisationId)],
      isSharded: true,
    };
  if ('ownedBy' in whose)
    return {
      index: 'byOwner' as const,
      partitions: whose.ownedBy.map((id) => listKeys.ownedBy(order, id)),
      isSharded: false,
    };
  return {
    index: order === 'name' ? ('byKind' as const) : ('byOwner' as const),
    partitions: whose.sharedWith.map((id) => listKeys.sharedWith(order, id)),
    isSharded: false,
  };
}
