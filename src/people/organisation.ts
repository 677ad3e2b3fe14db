// The tenant. What belongs to one organisation is not seen, found or counted from another.

/** The organisation of everything that names none: of a deployment for one company, and of all data before there were several. */
export const defaultOrganisationId = 'default';

/** What configuration says of an organisation. */
export interface Organisation {
  id: string;
  name: string;
  /** Whom its people are told to ask. */
  supportContact: string;
  /** How many pages its people may add in a calendar month (UTC). 0: no limit. */
  pagesPerMonth: number;
  /** How many bytes its originals may take. 0: no limit. */
  storageBytes: number;
}

/** The organisation that a stored item names. */
export const organisationOf = (item: { organisationId?: unknown } | undefined): string =>
  typeof item?.organisationId === 'string' ? item.organisationId : defaultOrganisationId;

/** A key that items of one organisation have in common. Those of the default one are as they were before there were others. */
export const keyOfOrganisation = (key: string, organisationId: string): string =>
  organisationId === defaultOrganisationId ? key : `${key}@${organisationId}`;
