// Service accounts: created and revoked by administrators, each for their own organisation.
import type { AuditService } from '../audit/audit.service.ts';
import { PaperliftError } from '../errors.ts';
import type { Permission } from '../people/permissions.ts';
import type { Person } from '../people/person.ts';
import type { Policies } from '../people/policies.ts';
import type { ServiceAccountStore } from '../people/service-account.store.ts';
import { type ServiceAccount, serviceAccountIdOf } from '../people/service-account.ts';
import type { Logger } from '../runtime/logger.ts';
import type { MachineClients } from './machine-clients.ts';
import { maxInUse, nameTaken, notKnown, tooMany } from './service-account.errors.ts';

interface Dependencies {
  accounts: ServiceAccountStore;
  /** Missing where no user pool is configured. */
  clients: MachineClients | undefined;
  policies: Pick<Policies, 'may'>;
  audit: Pick<AuditService, 'recordChange'>;
  logger: Logger;
  now: () => Date;
}
const maxListed = 1000;

export function createServiceAccountService(dependencies: Dependencies) {
  const { accounts, clients, policies, audit, logger, now } = dependencies;

  function assertMayManage(actor: Person) {
    if (policies.may(actor, 'machines.manage')) return;
    throw new PaperliftError('forbidden', {
      code: 'not-an-administrator',
      message: 'Only administrators can manage service accounts.',
      hint: 'Ask an administrator.',
    });
  }

  function pool(): MachineClients {
    if (clients) return clients;
    throw new PaperliftError('conflict', {
      code: 'no-user-pool',
      message: 'Service accounts need a user pool, and none is configured.',
      hint: 'Ask your operator to set COGNITO_USER_POOL_ID.',
    });
  }

  async function list(actor: Person): Promise<ServiceAccount[]> {
    assertMayManage(actor);
    return accounts.list(actor.organisationId, maxListed);
  }

  /** The tokens are refused already. Without the client, no new ones are issued. May be repeated. */
  async function finishRevocation(id: string) {
    const account = await accounts.find(id);
    if (!account?.revokedAt) return;
    await pool().remove(account.clientId);
    await accounts.endRevocation(id);
  }

  async function createAccount(actor: Person, name: string, scopes: Permission[]) {
    const { clientId, secret } = await pool().create(name, scopes);
    const account: ServiceAccount = {
      id: serviceAccountIdOf(clientId),
      name,
      organisationId: actor.organisationId,
      clientId,
      scopes,
      createdAt: now().toISOString(),
      createdBy: actor.id,
      createdByName: actor.name,
    };
    try {
      await accounts.create(account);
    } catch (error) {
      // a client that no account knows gets tokens that Paperlift refuses
      await pool()
        .remove(clientId)
        .catch((failure) => logger.warn({ err: failure, clientId }, 'could not delete an unused client'));
      throw error;
    }
    return { account, secret };
  }

  return {
    isAvailable: clients !== undefined,
    list,
    finishRevocation,

    /**
     * Creates an account. The secret is not stored: this answer is the only one that has it. Throws
     * `not-an-administrator`, `no-user-pool`, `name-taken`, `too-many-service-accounts`.
     */
    async create(actor: Person, { name, scopes }: { name: string; scopes: Permission[] }) {
      const inUse = (await list(actor)).filter(({ revokedAt }) => !revokedAt);
      pool();
      if (inUse.length >= maxInUse) throw tooMany();
      if (!(await accounts.reserveName(actor.organisationId, name, now()))) throw nameTaken(name);
      const detail = `${name}: ${scopes.join(', ')}`;
      let isCreated = false;
      try {
        const created = await audit.recordChange({ actor, action: 'service-account.created', detail }, () =>
          createAccount(actor, name, scopes),
        );
        isCreated = true;
        logger.info({ actorId: actor.id, accountId: created.account.id, scopes }, 'service account created');
        return created;
      } finally {
        if (!isCreated) await accounts.releaseName(actor.organisationId, name).catch(() => {});
      }
    },

    /** Refuses the account's tokens from the next request on. Throws `service-account-not-found`. */
    async revoke(actor: Person, id: string): Promise<ServiceAccount> {
      assertMayManage(actor);
      const account = id.length < 100 ? await accounts.find(id) : undefined;
      if (!account || account.organisationId !== actor.organisationId) throw notKnown();
      const event = { actor, action: 'service-account.revoked' as const, personId: id };
      await audit.recordChange(event, () => accounts.revoke(account, now()));
      logger.info({ actorId: actor.id, accountId: id }, 'service account revoked');
      await finishRevocation(id).catch((error) =>
        logger.warn({ err: error, accountId: id }, 'could not delete a revoked client; the sweeper will'),
      );
      return account;
    },
  };
}

export type ServiceAccountService = ReturnType<typeof createServiceAccountService>;
