import type { Team } from '../../src/people/team.ts';

// What people and projects of a deployment with one organisation have in common.
export const inDefault = { organisationId: 'default', teams: [] as Team[] };
