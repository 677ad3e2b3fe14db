// Actions on one's own sessions, and administrators' actions on other people's.
import type { AuditService } from '../audit/audit.service.ts';
import { isPaperliftError, PaperliftError } from '../errors.ts';
import { organisationOf } from '../people/organisation.ts';
import type { PersonStore } from '../people/person.store.ts';
import type { Person } from '../people/person.ts';
import type { Policies } from '../people/policies.ts';
import type { Logger } from '../runtime/logger.ts';
import { inactiveInDirectory, personNotFound, sessionNotFound } from './account.errors.ts';
import { type PersonSessionStore, sessionHandleOf } from './person-sessions.store.ts';
import type { PoolMirror } from './pool-mirror.ts';
import type { DirectoryService } from './scim/directory.service.ts';

interface Dependencies {
  people: PersonStore;
  personSessions: PersonSessionStore;
  poolMirror: Pick<PoolMirror, 'signOut'> | undefined;
  directory: Pick<DirectoryService, 'isInactive'>;
  policies: Pick<Policies, 'may'>;
  audit: Pick<AuditService, 'recordChange'>;
  logger: Logger;
  now: () => Date;
}

export function createAccountService({
  people,
  personSessions,
  poolMirror,
  directory,
  policies,
  audit,
  logger,
  now,
}: Dependencies) {
  /** The sessions are invalid after the first line. The rest cleans up and may fail safely. */
  async function endEverything(personId: string, mark: (id: string, at: Date) => Promise<boolean>) {
    if (!(await mark(personId, now()))) throw personNotFound();
    await Promise.all([
      personSessions
        .endAllOf(personId)
        .catch((error) => logger.warn({ err: error, personId }, 'could not remove ended sessions')),
      poolMirror?.signOut(personId),
    ]);
  }

  /** For the audit trail, which has entries for known people only: those of the administrator's organisation. */
  async function describePerson(actor: Person, personId: string): Promise<string> {
    const person = personId.length < 100 ? await people.find(personId) : undefined;
    if (!person || organisationOf(person) !== actor.organisationId) throw personNotFound();
    return `${person.name} (${person.email})`;
  }

  function assertAdmin(actor: Person) {
    if (policies.may(actor, 'people.sign-out')) return;
    throw new PaperliftError('forbidden', {
      code: 'not-an-administrator',
      message: 'Only administrators can do this.',
      hint: 'Ask an administrator.',
    });
  }

  return {
    /** A person's own sessions: the current one (by its id), then the others, newest first. */
    async listSessions(person: Person, sessionId: string) {
      const own = sessionHandleOf(sessionId);
      const sessions = (await personSessions.listOf(person.id, own)).map((session) => ({
        ...session,
        isThis: session.handle === own,
      }));
      return sessions.sort((one, other) => Number(other.isThis) - Number(one.isThis));
    },

    /** Ends one of a person's own sessions. Returns whether it is the current one. Throws `session-not-found`. */
    async endSession(person: Person, handle: string, sessionId: string) {
      if (!(await personSessions.endOf(person.id, handle))) throw sessionNotFound();
      logger.info({ personId: person.id }, 'session ended by its owner');
      return { endedThis: handle === sessionHandleOf(sessionId) };
    },

    /** The same, requested by the identity provider. `false` when no one has that id. */
    async endAllOf(personId: string): Promise<boolean> {
      try {
        await endEverything(personId, people.signOut);
        return true;
      } catch (error) {
        if (isPaperliftError(error, 'person-not-found')) return false;
        throw error;
      }
    },

    /**
     * People by email address, for administrators. A `from` after `mail`'s range would match no one and is ignored.
     */
    async listPeople(actor: Person, { mail, from }: { mail: string; from?: string | undefined }) {
      assertAdmin(actor);
      const isWithin = from?.startsWith(mail.toLowerCase());
      return people.list(actor.organisationId, { mail, from: isWithin ? from : undefined });
    },

    /** Ends all of one's own sessions, and refuses tokens issued before. */
    async signOutEverywhere(person: Person) {
      await audit.recordChange({ actor: person, action: 'person.signed-out', personId: person.id }, () =>
        endEverything(person.id, people.signOut),
      );
      logger.info({ personId: person.id }, 'signed out everywhere');
    },

    /** The same for another person. Throws `not-an-administrator`, `person-not-found`. */
    async signOutSomebody(actor: Person, personId: string) {
      assertAdmin(actor);
      const about = { actor, personId, detail: await describePerson(actor, personId) };
      await audit.recordChange({ ...about, action: 'person.signed-out' }, () =>
        endEverything(personId, people.signOut),
      );
      logger.info({ personId, actorId: actor.id }, 'signed out everywhere by an administrator');
    },

    /** Signs a person out everywhere and refuses sign-ins and tokens until `enable`. */
    async disable(actor: Person, personId: string) {
      assertAdmin(actor);
      if (actor.id === personId) {
        throw new PaperliftError('conflict', {
          code: 'own-account',
          message: 'You can’t block your own access.',
          hint: 'Ask another administrator to do it.',
        });
      }
      const about = { actor, personId, detail: await describePerson(actor, personId) };
      await audit.recordChange({ ...about, action: 'person.disabled' }, () =>
        endEverything(personId, people.disable),
      );
      logger.info({ personId, actorId: actor.id }, 'access blocked by an administrator');
    },

    async enable(actor: Person, personId: string) {
      assertAdmin(actor);
      const about = { actor, personId, detail: await describePerson(actor, personId) };
      const person = await people.find(personId);
      if (person?.directoryBlockedAt && (await directory.isInactive(person))) throw inactiveInDirectory();
      await audit.recordChange({ ...about, action: 'person.enabled' }, async () => {
        if (!(await people.enable(personId))) throw personNotFound();
      });
      logger.info({ personId, actorId: actor.id }, 'access restored by an administrator');
    },
  };
}

export type AccountService = ReturnType<typeof createAccountService>;
