/**
 * Maps the values of the provider's groups attribute to Cognito group names by the configured table, exactly. A value is
 * one group: commas inside an LDAP DN are no separators. What the table does not name is dropped.
 */
export function mapGroups(received: unknown, table: Record<string, string>) {
  const values = (Array.isArray(received) ? received : [received]).filter(
    (value): value is string => typeof value === 'string' && value !== '',
  );
  const groups = new Set<string>();
  const dropped: string[] = [];
  for (const value of values) {
    const group = Object.hasOwn(table, value) ? table[value] : undefined;
    if (group) groups.add(group);
    else dropped.push(value);
  }
  return { groups: [...groups].sort(), dropped };
}
