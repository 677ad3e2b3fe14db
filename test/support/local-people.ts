import { personIdOf } from '../../src/people/person.ts';
import type { Paperlift } from './paperlift.ts';

/** The id of one of the local people, as single sign-on derives it. */
export function localPersonId({ standIns }: Pick<Paperlift, 'standIns'>, email: string): string {
  const nameId = standIns.people.find((person) => person.email === email)?.nameId as string;
  return personIdOf(standIns.env.SAML_IDP_ISSUER as string, nameId);
}
