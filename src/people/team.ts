import { createHash } from 'node:crypto';

/** People of one organisation who share projects. Anyone who is in the company's group is in the team. */
export interface Team {
  id: string;
  name: string;
}

/** How the table of groups names a team: `team:Finance`, or `team:*` for the rest of the group's name after the prefix. */
export const teamPrefix = 'team:';
export const anyTeam = `${teamPrefix}*`;

/** A team's id, the same for every sign-in of its people. Names that differ in case alone are one team. */
export function teamIdOf(organisationId: string, name: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([organisationId, name.normalize('NFC').toLowerCase()]))
    .digest('base64url');
  return `t-${digest.slice(0, 27)}`;
}

export const isTeamId = (id: string) => id.startsWith('t-');
