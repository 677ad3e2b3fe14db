import request from 'supertest';
import type { Paperlift } from './paperlift.ts';
import { buildPerson } from './session-of.ts';

const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
export const userSchema = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const groupSchema = 'urn:ietf:params:scim:schemas:core:2.0:Group';

/** A company's directory that is connected to Paperlift. */
export async function connectDirectory({ services, url }: Paperlift, organisationId = 'default') {
  const admin = buildPerson('Ada Admin', { groups: ['paperlift-admins'], organisationId });
  const token = await services.directoryTokens.create(admin);
  const call = (method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string) =>
    request(url)
      [method](`/scim/v2${path}`)
      .set('Authorization', `Bearer ${token}`)
      .set('Content-Type', 'application/scim+json')
      .set('Accept', 'application/scim+json');
  const patch = (path: string, operations: object[]) =>
    call('patch', path).send({ schemas: [patchSchema], Operations: operations });
  return {
    token,
    admin,
    call,
    patch,
    find: (path: string, filter: string, more = '') =>
      call('get', `${path}?filter=${encodeURIComponent(filter)}${more}`),
    async addUser(email: string, more: object = {}): Promise<string> {
      const user = {
        schemas: [userSchema],
        userName: email,
        emails: [{ value: email, primary: true }],
        ...more,
      };
      return (await call('post', '/Users').send(user)).body.id;
    },
    async addGroup(displayName: string, memberIds: string[] = [], more: object = {}): Promise<string> {
      const members = memberIds.map((value) => ({ value }));
      const group = { schemas: [groupSchema], displayName, members, ...more };
      return (await call('post', '/Groups').send(group)).body.id;
    },
  };
}

export type Directory = Awaited<ReturnType<typeof connectDirectory>>;
