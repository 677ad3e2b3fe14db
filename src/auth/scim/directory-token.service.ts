// The token by which a company's directory signs in: created, replaced and revoked by administrators of its organisation.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { AuditService } from '../../audit/audit.service.ts';
import { PaperliftError } from '../../errors.ts';
import type { Person } from '../../people/person.ts';
import type { Policies } from '../../people/policies.ts';
import type { Logger } from '../../runtime/logger.ts';
import { directoryActor } from './directory.service.ts';
import type { DirectoryConnection, DirectoryTokenStore } from './directory-token.store.ts';

interface Dependencies {
  connections: DirectoryTokenStore;
  policies: Pick<Policies, 'may'>;
  audit: Pick<AuditService, 'recordChange'>;
  logger: Logger;
  now: () => Date;
}

/** Names the organisation, so that one read finds what it is compared with; recognised by scanners for leaked secrets. */
const tokenShape = /^paperlift-directory\.([a-z0-9][a-z0-9-]{0,40})\.([\w-]{43})$/;
const hashOf = (token: string) => createHash('sha256').update(token).digest('hex');

export function createDirectoryTokenService({ connections, policies, audit, logger, now }: Dependencies) {
  function assertMayManage(actor: Person) {
    if (policies.may(actor, 'machines.manage')) return;
    throw new PaperliftError('forbidden', {
      code: 'not-an-administrator',
      message: 'Only administrators can connect the directory.',
      hint: 'Ask an administrator.',
    });
  }

  const trailOf = ({ organisationId }: Person) => directoryActor(organisationId).id;

  return {
    async view(actor: Person): Promise<DirectoryConnection | undefined> {
      assertMayManage(actor);
      return connections.find(actor.organisationId);
    },

    /** Creates the token, in place of the one before. It is in this answer only. */
    async create(actor: Person): Promise<string> {
      assertMayManage(actor);
      const { organisationId } = actor;
      const token = `paperlift-directory.${organisationId}.${randomBytes(32).toString('base64url')}`;
      const event = { actor, action: 'directory.token-created' as const, personId: trailOf(actor) };
      await audit.recordChange(event, () =>
        connections.replace({
          organisationId,
          tokenHash: hashOf(token),
          createdAt: now().toISOString(),
          createdByName: actor.name,
        }),
      );
      logger.info({ actorId: actor.id, organisationId }, 'directory token created');
      return token;
    },

    async revoke(actor: Person) {
      assertMayManage(actor);
      const event = { actor, action: 'directory.token-revoked' as const, personId: trailOf(actor) };
      await audit.recordChange(event, () => connections.remove(actor.organisationId));
      logger.info({ actorId: actor.id, organisationId: actor.organisationId }, 'directory token revoked');
    },

    /** The organisation whose directory sent this token; `undefined` for any other text. */
    async verify(token: string): Promise<string | undefined> {
      const organisationId = tokenShape.exec(token)?.[1];
      const connection = organisationId ? await connections.find(organisationId) : undefined;
      const expected = Buffer.from(connection?.tokenHash ?? hashOf('no token'), 'hex');
      const isRight = timingSafeEqual(expected, Buffer.from(hashOf(token), 'hex'));
      if (!connection || !isRight) return undefined;
      await connections
        .noteUse(connection, now())
        .catch((error) => logger.warn({ err: error, organisationId }, 'could not note the last use'));
      return connection.organisationId;
    },
  };
}

export type DirectoryTokenService = ReturnType<typeof createDirectoryTokenService>;
