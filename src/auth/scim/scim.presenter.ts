// Resources, lists and errors in SCIM's form (RFC 7643, RFC 7644).
import type { DirectoryGroup, DirectoryUser } from './directory-user.ts';
import type { ScimError } from './scim-error.ts';

export const userSchema = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const groupSchema = 'urn:ietf:params:scim:schemas:core:2.0:Group';

const metaOf = (
  resourceType: string,
  { createdAt, changedAt }: DirectoryUser | DirectoryGroup,
  location: string,
) => ({
  resourceType,
  created: createdAt,
  lastModified: changedAt,
  location,
});

export function presentUser(user: DirectoryUser, base: string) {
  const { id, userName, externalId, displayName, name, emails, active } = user;
  return {
    schemas: [userSchema],
    id,
    ...(externalId ? { externalId } : {}),
    userName,
    ...(displayName ? { displayName } : {}),
    ...(name && Object.values(name).some(Boolean) ? { name } : {}),
    emails,
    active,
    meta: metaOf('User', user, `${base}/Users/${id}`),
  };
}

export function presentGroup(group: DirectoryGroup, memberIds: string[] | undefined, base: string) {
  const { id, displayName, externalId } = group;
  return {
    schemas: [groupSchema],
    id,
    ...(externalId ? { externalId } : {}),
    displayName,
    ...(memberIds
      ? { members: memberIds.map((value) => ({ value, type: 'User', $ref: `${base}/Users/${value}` })) }
      : {}),
    meta: metaOf('Group', group, `${base}/Groups/${id}`),
  };
}

export const presentList = (
  resources: object[],
  { total, startIndex }: { total: number; startIndex: number },
) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults: total,
  startIndex,
  itemsPerPage: resources.length,
  Resources: resources,
});

export const presentError = ({
  status,
  message,
  scimType,
}: Pick<ScimError, 'status' | 'message' | 'scimType'>) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
  status: String(status),
  ...(scimType ? { scimType } : {}),
  detail: message,
});
