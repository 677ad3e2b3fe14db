// Prints docs/access.md, the table of who may do what, from the code that decides it: npm run access
import {
  actions,
  type Permission,
  type ProjectAction,
  permissions,
  type Relation,
  relations,
  roles,
} from '../src/people/permissions.ts';

const cell = (isAllowed: boolean) => (isAllowed ? 'yes' : '');
const row = (...cells: string[]) => `| ${cells.join(' | ')} |`;
const tableOf = (head: string[], rows: string[][]) =>
  [row(...head), row(...head.map(() => '---')), ...rows.map((cells) => row(...cells))].join('\n');

/** The page, as it is in docs/. */
export function printAccess(): string {
  const roleIds = Object.keys(roles) as (keyof typeof roles)[];
  const relationIds: Relation[] = ['owner', 'editor', 'reviewer', 'viewer'];
  const byRole = tableOf(
    ['permission', ...roleIds.map((id) => roles[id].name), 'what it allows'],
    (Object.entries(permissions) as [Permission, string][]).map(([permission, sentence]) => [
      `\`${permission}\``,
      ...roleIds.map((id) => cell((roles[id].permissions as readonly Permission[]).includes(permission))),
      sentence,
    ]),
  );
  const byRelation = tableOf(
    ['in a project', ...relationIds, 'what it allows'],
    (Object.entries(actions) as [ProjectAction, string][]).map(([action, sentence]) => [
      `\`${action}\``,
      ...relationIds.map((id) => cell(relations[id].includes(action))),
      sentence,
    ]),
  );
  return `# Who may do what

Made by \`npm run access\` from \`src/people/permissions.ts\`, which decides every request; a test fails when they differ.
What is not in these tables is denied.

- **Nothing reaches across organisations.** What belongs to another one answers like what does not exist.
- A role comes from a Cognito group and from nothing else; the table of groups says which company group gives it. A person
  with several roles may do what any of them allows.
- An organisation can define roles of its own from the same permissions (\`ORGANISATIONS_FILE\`, see sign-in.md).
- A service account has the permissions of its scopes that its token names, and no role.

## In the organisation

${byRole}

## In a project

A person's relation to a project is the strongest of what they are by themselves and by their teams. A team's project is
owned by everyone in the team. It counts only with \`projects.take-part\`. Beyond it, \`projects.view-all\` gives \`view\`
and \`projects.change-all\` gives all four in every project of the organisation.

${byRelation}

Viewing what someone else owns is recorded in the project's audit trail and in the viewer's. Members can leave a project by
themselves. Which route needs which of these is the table in \`test/access/routes.test.ts\`.
`;
}

if (import.meta.main) process.stdout.write(printAccess());
