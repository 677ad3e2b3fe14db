// Presents the groups and attributes that a provider sent.
import { countOf } from '../http/formatting.ts';
import type { SignInEntry } from './sign-in-log.store.ts';

/** How many groups are shown; the others are collapsed. */
const groupsShown = 5;

export function presentGroups({ mapped, dropped }: Pick<SignInEntry, 'mapped' | 'dropped'>) {
  const nothingGiven = mapped.length === 0;
  return {
    mapped: mapped.slice(0, groupsShown),
    moreMapped: mapped.slice(groupsShown),
    /** When no group is mapped, administrators look for the dropped ones. */
    unmatched: nothingGiven ? dropped.slice(0, groupsShown) : [],
    dropped: nothingGiven ? dropped.slice(groupsShown) : dropped,
    droppedSaid: `${countOf((nothingGiven ? dropped.slice(groupsShown) : dropped).length, 'other group')} dropped`,
    moreMappedSaid: `${countOf(mapped.length - groupsShown, 'more group')} mapped`,
    rule: nothingGiven && dropped[0] !== undefined ? `${JSON.stringify(dropped[0])}: "paperlift-users"` : '',
  };
}

export function presentAttributes(attributes: Record<string, string[]>) {
  return Object.entries(attributes).map(([name, values]) => ({ name, values }));
}
