// The table that maps the company's groups to Paperlift's.
import { type GroupRule, readGroupRule } from '../people/group-rule.ts';
import { anyTeam, teamPrefix } from '../people/team.ts';
import { hasVisibleText } from '../text/visible-text.ts';

export function readGroupTable(table: Record<string, string>): GroupRule[] {
  return Object.entries(table).map(([from, to]) => readGroupRule(from, to));
}

/** The mistakes in a group table, one sentence each. */
export function findGroupTableMistakes(rules: GroupRule[], knownGroups: string[]): string[] {
  const mistakes: string[] = [];
  for (const { kind, from, key, to } of rules) {
    if (to === anyTeam) {
      if (kind !== 'prefix')
        mistakes.push(`"${from}" maps to "${anyTeam}", which needs a prefix, such as "TEAM-*"`);
    } else if (to.startsWith(teamPrefix)) {
      if (!hasVisibleText(to.slice(teamPrefix.length)))
        mistakes.push(`"${from}" maps to a team without a name`);
    } else if (!knownGroups.includes(to)) {
      mistakes.push(`"${from}" maps to "${to}", which is not a Paperlift group`);
    }
    if (kind === 'prefix' && key.trim().length < 3) {
      mistakes.push(`"${from}" would match almost every group: use a prefix of at least three characters`);
    }
  }
  return mistakes;
}
