// Where a directory's items lie in the table.
import type { DirectoryUser } from './directory-user.ts';

export type Kind = 'USERS' | 'GROUPS';
export type Named = Pick<DirectoryUser, 'id' | 'organisationId'>;

export const listKey = (kind: Kind, organisationId: string) => `DIRECTORY-${kind}#${organisationId}`;
export const itemKey = (kind: Kind, { id, organisationId }: Named) => ({
  pk: listKey(kind, organisationId),
  sk: id,
});
export const userPartition = (userId: string) => `DIRECTORY-USER#${userId}`;
export const groupPartition = (groupId: string) => `DIRECTORY-GROUP#${groupId}`;
export const findKey = (organisationId: string, what: 'name' | 'mail' | 'external', value: string) =>
  `DIRECTORY-KEY#${JSON.stringify([organisationId, what, value])}`;
