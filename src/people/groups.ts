// Maps the identity provider's groups to Cognito groups and to teams, by the configured table alone.
import { keyOfDistinguishedName } from './distinguished-name.ts';
import type { GroupRule } from './group-rule.ts';
import { anyTeam, teamPrefix } from './team.ts';

export interface MappedGroups {
  groups: string[];
  /** The names of teams. */
  teams: string[];
  mapped: { from: string; to: string }[];
  dropped: string[];
}

/**
 * Maps the groups that the provider sent. A value is one group: commas inside a DN are not separators. `separator` is
 * for providers that put all groups into one value; an escaped one does not separate. Duplicates count once. Groups
 * that the table does not name are dropped. `team:*` beside a prefix makes a team of the rest of the group's name.
 */
export function mapGroups(received: unknown, rules: GroupRule[], separator?: string): MappedGroups {
  const values = (Array.isArray(received) ? received : [received]).filter(
    (value) => typeof value === 'string',
  );
  const single = separator ? values.flatMap((value) => splitAt(separator, value)) : values;
  const exact = Map.groupBy(rulesOf(rules, 'exact'), ({ key }) => key);
  const names = Map.groupBy(rulesOf(rules, 'dn'), ({ key }) => key);
  const prefixes = rulesOf(rules, 'prefix');

  const mapped: MappedGroups['mapped'] = [];
  const dropped: string[] = [];
  for (const value of new Set(single.map((text) => text.trim()).filter(Boolean))) {
    const name = value.includes('=') && names.size > 0 ? keyOfDistinguishedName(value) : undefined;
    const matching = [
      ...(exact.get(value) ?? []),
      ...(name === undefined ? [] : (names.get(name) ?? [])),
      ...prefixes.filter(({ key }) => value.startsWith(key)),
    ];
    for (const to of new Set(matching.map((rule) => targetOf(rule, value)))) mapped.push({ from: value, to });
    if (matching.length === 0) dropped.push(value);
  }
  const targets = [...new Set(mapped.map(({ to }) => to))].sort();
  return {
    groups: targets.filter((to) => !to.startsWith(teamPrefix)),
    teams: targets.filter((to) => to.startsWith(teamPrefix)).map((to) => to.slice(teamPrefix.length)),
    mapped,
    dropped,
  };
}

/** What a rule maps this group to. */
function targetOf({ to, key }: GroupRule, value: string): string {
  if (to !== anyTeam) return to;
  const rest = value.slice(key.length).trim();
  return rest === '' ? `${teamPrefix}${value}` : `${teamPrefix}${rest}`;
}

const rulesOf = (rules: GroupRule[], kind: GroupRule['kind']) => rules.filter((rule) => rule.kind === kind);

function splitAt(separator: string, value: string): string[] {
  const parts = [''];
  for (let index = 0; index < value.length; index++) {
    const character = value[index] as string;
    if (character === '\\') parts[parts.length - 1] += character + (value[++index] ?? '');
    else if (character === separator) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
}
