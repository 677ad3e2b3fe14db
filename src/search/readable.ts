// What someone may search, as engines filter by it. Nothing of a request is in it, and no engine searches without it.
import type { Person } from '../people/person.ts';

declare const made: unique symbol;

/** Made by `readableBy` and `readableByOverseer` alone. */
export interface Readable {
  readonly [made]: true;
  readonly organisationId: string;
  /** Everything of the organisation. */
  readonly isAll: boolean;
  /** The person and their teams: what these own. */
  readonly owners: readonly string[];
  /** What others share with them: projects, by owner. */
  readonly shared: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What a person and their teams own, and what is shared with them. */
export function readableBy(
  { id, teams, organisationId }: Person,
  sharedWithThem: { projectId: string; ownerId: string }[],
): Readable {
  const owners = ownersFor({ id, teams });
  const fromOthers = sharedWithThem.filter(({ ownerId }) => !owners.includes(ownerId));
  const shared = new Map(
    [...Map.groupBy(fromOthers, ({ ownerId }) => ownerId)].map(([ownerId, projects]) => [
      ownerId,
      new Set(projects.map(({ projectId }) => projectId)),
    ]),
  );
  return { organisationId, isAll: false, owners, shared } as unknown as Readable;
}

/** Everything of their organisation, for those who may list it all (`projects.list-all`). */
export function readableByOverseer({ organisationId }: Person): Readable {
  return { organisationId, isAll: true, owners: [], shared: new Map() } as unknown as Readable;
}

/** The ids that own what is a person's own. */
export const ownersFor = ({ id, teams }: Pick<Person, 'id' | 'teams'>): string[] => [
  id,
  ...teams.map((team) => team.id),
];
