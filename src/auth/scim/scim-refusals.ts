import { ScimError } from './scim-error.ts';

export const notFound = (thing: 'user' | 'group', id: string) =>
  new ScimError(404, `There is no ${thing} with the id ${id.slice(0, 50)}.`);

export const taken = (userName: string) =>
  new ScimError(409, `Another user has the user name ${userName.slice(0, 200)}.`, 'uniqueness');

export const unknownFilter = () => new ScimError(400, 'This filter is not supported here.', 'invalidFilter');
