import * as z from 'zod';
import { groupNames, groupTable, parseVariables, toConfigError } from './environment.ts';
import { findGroupTableMistakes, readGroupTable } from './group-table.config.ts';

const preTokenEnvironment = z.object({
  GROUP_TABLE: groupTable,
  SAML_GROUPS_SEPARATOR: z.string().length(1).optional(),
  ...groupNames,
});

/** For the pre-token-generation trigger. Throws ConfigError. */
export function loadPreTokenConfig(env: NodeJS.ProcessEnv) {
  const { GROUP_TABLE, SAML_GROUPS_SEPARATOR, ...names } = parseVariables(preTokenEnvironment, env);
  const {
    ADMINS_GROUP: admins,
    USERS_GROUP: users,
    AUDITORS_GROUP: auditors,
    RECORDS_GROUP: records,
  } = names;
  const rules = readGroupTable(GROUP_TABLE);
  const mistakes = findGroupTableMistakes(rules, [admins, users, auditors, records]);
  if (mistakes.length > 0) throw toConfigError(mistakes);
  return { rules, separator: SAML_GROUPS_SEPARATOR, groupNames: { admins, users, auditors, records } };
}
