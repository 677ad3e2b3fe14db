// Where people lie in the table.
import { shardKey } from '../aws/shards.ts';
import { foldName } from '../text/names.ts';
import { defaultOrganisationId, keyOfOrganisation } from './organisation.ts';
import type { KnownPerson } from './person-record.ts';

const everyone = 'PERSON';
const byName = 'PEOPLE-NAMES';
export const keyOfAll = (organisationId = defaultOrganisationId) =>
  keyOfOrganisation(everyone, organisationId);
export const keyOfNames = (organisationId = defaultOrganisationId) =>
  keyOfOrganisation(byName, organisationId);

/** A person's places in the list by address and in the one by name. */
export const listed = ({ id, name, email, organisationId }: KnownPerson & { organisationId?: string }) => ({
  ':kind': shardKey(keyOfAll(organisationId), id),
  ':sort': `${email.toLowerCase()} ${id}`,
  ':names': shardKey(keyOfNames(organisationId), id),
  ':nameSort': `${[...foldName(name)].slice(0, 200).join('')} ${id}`,
});

export const personKey = (id: string) => ({ pk: `PERSON#${id}`, sk: 'PERSON' });
