import { keyOfDistinguishedName } from './distinguished-name.ts';

/** A line of the configured table of groups: an exact name, an LDAP DN, or a prefix. */
export interface GroupRule {
  kind: 'exact' | 'dn' | 'prefix';
  /** As written in the table. */
  from: string;
  /** The value to compare: the name, the DN's key, or the prefix. */
  key: string;
  /** A Cognito group name. */
  to: string;
}

/** Reads a line of the table: `APP-PAPERLIFT-*` is a prefix, a DN is a DN, anything else an exact name. */
export function readGroupRule(from: string, to: string): GroupRule {
  if (from.endsWith('*')) return { kind: 'prefix', from, key: from.slice(0, -1), to };
  const key = keyOfDistinguishedName(from);
  return key === undefined ? { kind: 'exact', from, key: from, to } : { kind: 'dn', from, key, to };
}
