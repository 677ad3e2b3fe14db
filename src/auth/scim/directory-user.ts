// What a company's directory says of its people and groups (RFC 7643), as far as Paperlift uses it.

export interface DirectoryEmail {
  value: string;
  type?: string | undefined;
  primary?: boolean | undefined;
}

/** What the directory may change of a user. */
export interface UserFields {
  userName: string;
  externalId?: string | undefined;
  displayName?: string | undefined;
  name?: { formatted?: string | undefined; givenName?: string | undefined; familyName?: string | undefined };
  emails: DirectoryEmail[];
  active: boolean;
}

export interface DirectoryUser extends UserFields {
  id: string;
  organisationId: string;
  /** Counts every change of the user and of their memberships. */
  version: number;
  createdAt: string;
  changedAt: string;
  /** Set while the user is being deleted. */
  deletedAt?: string;
}

export interface GroupFields {
  displayName: string;
  externalId?: string | undefined;
}

export interface DirectoryGroup extends GroupFields {
  id: string;
  organisationId: string;
  createdAt: string;
  changedAt: string;
  deletedAt?: string;
}

/** Whether a user is in a group. One that was taken out is remembered: the directory decides about that group from then on. */
export interface Membership {
  userId: string;
  groupId: string;
  isIn: boolean;
}

/** The addresses by which a user is recognised as a person: their own, and a user name that is one. */
export function mailsOf({ userName, emails }: Pick<UserFields, 'userName' | 'emails'>): string[] {
  const all = [userName, ...emails.map(({ value }) => value)].filter((text) => text.includes('@'));
  return [...new Set(all.map((text) => text.trim().toLowerCase()))];
}

/** User names are compared without regard to case (RFC 7643 4.1.1). */
export const foldUserName = (userName: string) => userName.trim().toLowerCase();
