// What this service provider can do (RFC 7643 5 to 7).
import { groupSchema, userSchema } from './scim.presenter.ts';

export const maxResults = 200;

export const serviceProviderConfig = (base: string) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: false },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'Bearer token',
      description: 'The token that an administrator creates under Administration, Directory',
      specUri: 'https://www.rfc-editor.org/rfc/rfc6750',
      primary: true,
    },
  ],
  meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
});

const resourceType = (base: string, name: 'User' | 'Group', schema: string) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
  id: name,
  name,
  endpoint: `/${name}s`,
  schema,
  meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` },
});

export const resourceTypes = (base: string) => [
  resourceType(base, 'User', userSchema),
  resourceType(base, 'Group', groupSchema),
];

interface Attribute {
  type?: 'string' | 'boolean' | 'complex' | 'reference';
  isMany?: boolean;
  isRequired?: boolean;
  isExact?: boolean;
  isUnique?: boolean;
  of?: object[];
}

const attribute = (name: string, description: string, given: Attribute = {}) => {
  const { type = 'string', isMany, isRequired, isExact, isUnique, of } = given;
  return {
    name,
    type,
    description,
    multiValued: Boolean(isMany),
    required: Boolean(isRequired),
    caseExact: Boolean(isExact),
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: isUnique ? 'server' : 'none',
    ...(of ? { subAttributes: of } : {}),
  };
};

const schema = (base: string, id: string, name: string, attributes: object[]) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
  id,
  name,
  description: name,
  attributes,
  meta: { resourceType: 'Schema', location: `${base}/Schemas/${id}` },
});

export const schemas = (base: string) => [
  schema(base, userSchema, 'User', [
    attribute('userName', 'The name by which the user signs in', { isRequired: true, isUnique: true }),
    attribute('displayName', 'The name that is shown'),
    attribute('name', 'The parts of the name', {
      type: 'complex',
      of: [
        attribute('formatted', 'The full name'),
        attribute('givenName', 'The first name'),
        attribute('familyName', 'The last name'),
      ],
    }),
    attribute('emails', 'Email addresses, by which people are recognised', {
      type: 'complex',
      isMany: true,
      of: [
        attribute('value', 'The address'),
        attribute('type', 'work, home or other'),
        attribute('primary', 'Whether it is the preferred one', { type: 'boolean' }),
      ],
    }),
    attribute('active', 'Whether the user has access', { type: 'boolean' }),
  ]),
  schema(base, groupSchema, 'Group', [
    attribute('displayName', 'The name, as in the table of groups', { isRequired: true }),
    attribute('members', 'The users in the group', {
      type: 'complex',
      isMany: true,
      of: [attribute('value', 'The id of a user', { isExact: true })],
    }),
  ]),
];
