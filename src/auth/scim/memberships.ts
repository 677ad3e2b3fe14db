// Groups and teams that someone has: compared and put together. Pure.
import type { Memberships } from '../../people/person-record.ts';

export const noMemberships: Memberships = { groups: [], teams: [] };

export const without = (one: Memberships, other: Memberships): Memberships => ({
  groups: one.groups.filter((group) => !other.groups.includes(group)),
  teams: one.teams.filter(({ id }) => !other.teams.some((team) => team.id === id)),
});

export const uniqueTeams = (teams: Memberships['teams']) => [
  ...new Map(teams.map((team) => [team.id, team])).values(),
];

/** For the trail, and to compare. */
export const describeMemberships = ({ groups, teams }: Memberships) =>
  [...groups.toSorted(), ...teams.map(({ name }) => `team ${name}`).toSorted()].join(', ') || 'none';
