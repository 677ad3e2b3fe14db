// Adding pages by phone: a link, shown as a QR code, signs a phone in as this person, for this project, and only to
// add pages. The link works once, within five minutes. The phone stays signed in while pages arrive, for an hour at
// most.
import { randomBytes } from 'node:crypto';
import type { AuditService } from '../audit/audit.service.ts';
import { type PersonSessionStore, sessionHandleOf } from '../auth/person-sessions.store.ts';
import type { PersonStore } from '../people/person.store.ts';
import { isBlocked, type Person, toPerson } from '../people/person.ts';
import { aboutProject, type ProjectService } from '../projects/project.service.ts';
import type { Project } from '../projects/project.ts';
import { linkNotFound, linkOver, phoneSignedOut } from './phone.errors.ts';
import type { PhoneStore } from './phone.store.ts';
import type { PhoneLink } from './phone.ts';

interface Dependencies {
  phones: PhoneStore;
  people: Pick<PersonStore, 'find'>;
  personSessions: Pick<PersonSessionStore, 'isOpen'>;
  projects: ProjectService;
  audit: Pick<AuditService, 'recordChange'>;
  now: () => Date;
}

/** A signed-in phone. It may add pages to this project and nothing else. */
export interface SignedInPhone {
  person: Person;
  project: Project;
  /** When it is signed out unless another page arrives. Milliseconds since the epoch. */
  endsAt: number;
}

/** What happened to a link. `ended`: its phone is signed out. */
export interface LinkProgress {
  state: 'waiting' | 'expired' | 'connected' | 'ended';
  /** How many pages the phone has added. */
  pages: number;
}

const linkMs = 5 * 60_000;
const idleMs = 5 * 60_000;
const maxMs = 60 * 60_000;
const secretBytes = 32;
const linkIdShape = /^[\w-]{43}$/;

export function createPhoneService({ phones, people, personSessions, projects, audit, now }: Dependencies) {
  const inMs = (ms: number) => now().getTime() + ms;
  const makeSecret = () => randomBytes(secretBytes).toString('base64url');

  /** The person as they are now. When a person signs out or loses access, so does the phone. */
  async function personOf({ personId, signOuts, sessionHandle }: PhoneLink): Promise<Person> {
    const [person, isSessionOpen] = await Promise.all([
      people.find(personId),
      personSessions.isOpen(personId, sessionHandle),
    ]);
    if (!isSessionOpen || !person || isBlocked(person) || (person.signOuts ?? 0) !== signOuts)
      throw phoneSignedOut();
    return toPerson(person);
  }

  return {
    /**
     * Creates a token for one phone, tied to the session of that id. It goes into the fragment of a URL, which reaches
     * no server and no log.
     */
    async link(
      person: Person,
      projectId: string,
      sessionId: string,
    ): Promise<{ id: string; token: string; endsAt: number; project: Project }> {
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
        phones.createLink(phones.linkIdOf(token), link),
      );
      return { id: phones.linkIdOf(token), token, endsAt: link.endsAt, project };
    },

    /** For the person who created the link. Throws `phone-link-not-found` for anyone else's. */
    async followLink(person: Person, projectId: string, linkId: string): Promise<LinkProgress> {
      await projects.open(person, projectId);
      const link = linkIdShape.test(linkId) ? await phones.findLink(linkId) : undefined;
      if (!link || link.personId !== person.id || link.projectId !== projectId) throw linkNotFound();
      const isOver = (endsAt: number) => endsAt <= now().getTime();
      const [unused, used] = [
        isOver(link.endsAt) ? 'expired' : 'waiting',
        isOver(link.phoneEndsAt ?? 0) ? 'ended' : 'connected',
      ] as const;
      return { state: link.usedAt === undefined ? unused : used, pages: link.addedIds?.size ?? 0 };
    },

    /** Signs a phone in. Returns the secret that identifies it from then on. */
    async signIn(token: string): Promise<{ secret: string; phone: SignedInPhone }> {
      const linkId = phones.linkIdOf(token);
      const [endsAt, lastsUntil] = [inMs(idleMs), inMs(maxMs)];
      const link = await phones.useLink(linkId, { phoneEndsAt: endsAt, keptUntil: lastsUntil });
      if (!link) throw linkOver();
      const person = await personOf(link);
      const project = await projects.open(person, link.projectId);
      const secret = makeSecret();
      const { personId, projectId, signOuts, sessionHandle } = link;
      const bound = { personId, projectId, signOuts, sessionHandle, endsAt };
      await phones.createPhone(secret, { ...bound, linkId, lastsUntil });
      return { secret, phone: { person, project, endsAt } };
    },

    /** Throws `phone-signed-out` for a secret that is no longer valid. */
    async recognize(secret: string): Promise<SignedInPhone> {
      const phone = await phones.findPhone(secret);
      if (!phone) throw phoneSignedOut();
      const person = await personOf(phone);
      return { person, project: await projects.open(person, phone.projectId), endsAt: phone.endsAt };
    },

    /** Extends the phone's sign-in after pages arrived. Returns the new end. */
    async prolong(secret: string, addedIds: string[]): Promise<number> {
      const phone = await phones.findPhone(secret);
      if (!phone) throw phoneSignedOut();
      const endsAt = Math.min(inMs(idleMs), phone.lastsUntil);
      await phones.prolong(secret, endsAt);
      await phones.recordOnLink(phone.linkId, { addedIds, phoneEndsAt: endsAt });
      return endsAt;
    },

    async signOut(secret: string) {
      const phone = await phones.findPhone(secret);
      await phones.removePhone(secret);
      if (phone) await phones.recordOnLink(phone.linkId, { addedIds: [], phoneEndsAt: now().getTime() });
    },
  };
}

export type PhoneService = ReturnType<typeof createPhoneService>;
