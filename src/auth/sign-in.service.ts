import type { Config } from '../config.ts';
import type { Logger } from '../logger.ts';
import { mapGroups } from './groups.ts';
import type { PersonStore } from './person.store.ts';
import { type Person, personIdOf } from './person.ts';
import type { Policies } from './policies.ts';
import type { PoolMirror } from './pool-mirror.ts';
import { refusedSignIn } from './saml.guard.ts';
import type { VerifiedSubject } from './saml.strategy.ts';

interface Dependencies {
  saml: Config['saml'];
  groups: Config['groups'];
  people: PersonStore;
  policies: Policies;
  poolMirror: PoolMirror | undefined;
  logger: Logger;
  now: () => Date;
}

export type SignIn =
  | { outcome: 'signed-in'; person: Person }
  | { outcome: 'no-group'; person: Person; received: string[] };

/** Turns a verified assertion into a person with Paperlift's groups. */
export function createSignInService({
  saml,
  groups,
  people,
  policies,
  poolMirror,
  logger,
  now,
}: Dependencies) {
  /** The pool out of reach does not block a sign-in whose groups are known; the next sign-in mirrors again. */
  async function mirror(person: Person) {
    try {
      await poolMirror?.mirror(person);
    } catch (error) {
      logger.warn({ err: error, personId: person.id }, 'the person could not be mirrored into the user pool');
    }
  }

  return {
    async signIn({ nameId, attributes }: VerifiedSubject): Promise<SignIn> {
      const first = (name: string) => attributes.get(name)?.[0]?.trim() || undefined;
      const email = first(saml.attributes.email);
      if (!email) throw refusedSignIn(`the attribute ${saml.attributes.email} is missing`);
      const { groups: mapped, dropped } = mapGroups(
        attributes.get(saml.attributes.groups) ?? [],
        groups.table,
      );
      const person: Person = {
        id: personIdOf(saml.idpIssuer, nameId),
        email,
        name: first(saml.attributes.name) ?? email,
        groups: mapped,
      };
      if (!policies.maySignIn(person)) {
        logger.warn({ personId: person.id, reason: 'no-group' }, 'sign-in refused');
        return { outcome: 'no-group', person, received: dropped };
      }
      await people.save(person, now());
      await mirror(person);
      logger.info({ personId: person.id, groups: person.groups }, 'signed in');
      return { outcome: 'signed-in', person };
    },
  };
}

export type SignInService = ReturnType<typeof createSignInService>;
