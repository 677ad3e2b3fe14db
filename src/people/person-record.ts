// A person's item, and where it lies.
import type { Team } from './team.ts';

export interface KnownPerson {
  id: string;
  name: string;
  email: string;
}

/** A person's item. A missing attribute means that it has not happened yet. */
export interface PersonRecord extends KnownPerson {
  /** As of the last sign-in, as are the teams. */
  groups?: string[];
  organisationId?: string;
  teams?: Team[];
  /** The entity id of the provider of the last sign-in. */
  issuer?: string;
  signedInAt?: string;
  /** Milliseconds since the epoch. Tokens issued up to then are refused. */
  signedOutAt?: number;
  /** How often the person was signed out everywhere. A session is valid only with the count it began with. */
  signOuts?: number;
  /** Blocked by an administrator. */
  disabledAt?: string;
  /** Blocked by the company's directory. */
  directoryBlockedAt?: string;
  /** The directory's user, and its state, that the item follows. An older state changes nothing. */
  directoryUserId?: string;
  directoryVersion?: number;
  /** What the last sign-in gave, before the directory's groups were applied. */
  signedInWith?: Memberships;
  /** The groups that the user pool does not have yet, as JSON. */
  mirrorWanted?: string;
  /** The pool's user that mirrors this person. */
  poolUsername?: string;
}

/** What groups of the company give. */
export interface Memberships {
  groups: string[];
  teams: Team[];
}

/** What is known of a sign-in. */
export interface SignInFacts {
  /** The identity provider's entity id. */
  issuer?: string;
  signedInWith?: Memberships;
}

/** What the directory makes of a person. */
export interface DirectoryState {
  /** `undefined` for someone who never signed in, and has none by the directory: their tokens' groups count. */
  groups: string[] | undefined;
  teams: Team[];
  userId: string;
  version: number;
  isBlocked: boolean;
  /** Whether sessions and tokens end. */
  endsSessions: boolean;
  signedInWith: Memberships;
}
