// The table that maps the company's groups to Paperlift's.
import { type GroupRule, readGroupRule } from '../people/group-rule.ts';

export function readGroupTable(table: Record<string, string>): GroupRule[] {
  return Object.entries(table).map(([from, to]) => readGroupRule(from, to));
}

/** The mistakes in a group table, one sentence each. */
export function findGroupTableMistakes(rules: GroupRule[], knownGroups: string[]): string[] {
  const mistakes: string[] = [];
  for (const { kind, from, key, to } of rules) {
    if (!knownGroups.includes(to)) mistakes.push(`"${from}" maps to "${to}", which is not a Paperlift group`);
    if (kind === 'prefix' && key.trim().length < 3) {
      mistakes.push(`"${from}" would match almost every group: use a prefix of at least three characters`);
    }
  }
  return mistakes;
}
