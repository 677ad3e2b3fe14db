// From phone to desk: a link, shown as a QR code, signs a phone in as this person, for this project, and for adding pages
// only. The link is good once and for five minutes; the phone stays signed in while pages keep coming, for an hour at most.
import { randomBytes } from 'node:crypto';
import type { AuditService } from '../audit/audit.service.ts';
import type { PersonStore } from '../auth/person.store.ts';
import type { Person } from '../auth/person.ts';
import { type PersonSessionStore, sessionHandleOf } from '../auth/person-sessions.store.ts';
import { PaperliftError } from '../errors.ts';
import { aboutProject, type ProjectService } from '../projects/project.service.ts';
import type { Project } from '../projects/project.ts';
import type { PhoneLink, PhoneStore } from './phone.store.ts';

interface Dependencies {
  phones: PhoneStore;
  people: Pick<PersonStore, 'find'>;
  personSessions: Pick<PersonSessionStore, 'isOpen'>;
  projects: ProjectService;
  audit: Pick<AuditService, 'recordChange'>;
  now: () => Date;
}

/** Somebody's phone, and what it may do: add pages to this project. */
export interface SignedInPhone {
  person: Person;
  project: Project;
  /** When it is signed out, unless another page comes. Milliseconds since the epoch. */
  endsAt: number;
}

const linkMs = 5 * 60_000;
const idleMs = 5 * 60_000;
const mostMs = 60 * 60_000;
const secretBytes = 32;

export function createPhoneService({ phones, people, personSessions, projects, audit, now }: Dependencies) {
  const inMs = (ms: number) => now().getTime() + ms;
  const makeSecret = () => randomBytes(secretBytes).toString('base64url');

  /** The person as they are now: somebody who signed out, or lost access, has no phone either. */
  async function personOf({ personId, signOuts, sessionHandle }: PhoneLink): Promise<Person> {
    const [person, isSessionOpen] = await Promise.all([
      people.find(personId),
      personSessions.isOpen(personId, sessionHandle),
    ]);
    if (!isSessionOpen || !person || person.disabledAt || (person.signOuts ?? 0) !== signOuts)
      throw phoneSignedOut();
    return { id: person.id, name: person.name, email: person.email, groups: person.groups ?? [] };
  }

  return {
    /** A token for one phone, good as long as the session of that id. It goes into the fragment of an address, which no server and no log ever sees. */
    async link(
      person: Person,
      projectId: string,
      sessionId: string,
    ): Promise<{ token: string; endsAt: number; project: Project }> {
      const project = await projects.open(person, projectId);
      const record = await people.find(person.id);
      const link = {
        personId: person.id,
        projectId,
        signOuts: record?.signOuts ?? 0,
        sessionHandle: sessionHandleOf(sessionId),
        endsAt: inMs(linkMs),
      };
      const token = makeSecret();
      await audit.recordChange({ ...aboutProject(person, project), action: 'phone.linked' }, () =>
        phones.createLink(token, link),
      );
      return { token, endsAt: link.endsAt, project };
    },

    /** Signs a phone in. Returns the secret that it shows from then on. */
    async signIn(token: string): Promise<{ secret: string; phone: SignedInPhone }> {
      const link = await phones.useLink(token);
      if (!link) throw linkOver();
      const person = await personOf(link);
      const project = await projects.open(person, link.projectId);
      const secret = makeSecret();
      const { personId, projectId, signOuts, sessionHandle } = link;
      const endsAt = inMs(idleMs);
      const bound = { personId, projectId, signOuts, sessionHandle, endsAt };
      await phones.createPhone(secret, { ...bound, lastsUntil: inMs(mostMs) });
      return { secret, phone: { person, project, endsAt } };
    },

    /** Throws `phone-signed-out` for a secret that is good no more. */
    async recognize(secret: string): Promise<SignedInPhone> {
      const phone = await phones.findPhone(secret);
      if (!phone) throw phoneSignedOut();
      const person = await personOf(phone);
      return { person, project: await projects.open(person, phone.projectId), endsAt: phone.endsAt };
    },

    /** A page came: the phone stays signed in for some more minutes. */
    async prolong(secret: string): Promise<number> {
      const phone = await phones.findPhone(secret);
      if (!phone) throw phoneSignedOut();
      const endsAt = Math.min(inMs(idleMs), phone.lastsUntil);
      await phones.prolong(secret, endsAt);
      return endsAt;
    },

    signOut: (secret: string) => phones.removePhone(secret),
  };
}

export type PhoneService = ReturnType<typeof createPhoneService>;

function linkOver() {
  return new PaperliftError('not-signed-in', {
    code: 'phone-link-over',
    message: 'This link was used already, or its five minutes are over.',
    todo: 'Press “Use your phone” on the project’s page again, and photograph the new code.',
  });
}

function phoneSignedOut() {
  return new PaperliftError('not-signed-in', {
    code: 'phone-signed-out',
    message: 'This phone is not signed in any more.',
    todo: 'Press “Use your phone” on the project’s page again, and photograph the new code.',
  });
}
