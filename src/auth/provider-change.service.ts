// Lets an administrator say that a new identity provider's people are those of an old one, matched by email address. People
// keep their accounts, and with them projects, shares and trails. Those who signed in by the new one before get theirs back,
// and what they did meanwhile is handed over to it.
import type { AuditService } from '../audit/audit.service.ts';
import type { SamlProvider } from '../config/provider.config.ts';
import { isPaperliftError, PaperliftError } from '../errors.ts';
import type { PersonStore } from '../people/person.store.ts';
import { type Person, toPerson } from '../people/person.ts';
import type { PersonRecord } from '../people/person-record.ts';
import type { Policies } from '../people/policies.ts';
import type { AccountService } from './account.service.ts';
import { type FormerAccounts, isOfIssuer } from './former-accounts.ts';
import type { ProviderChanges } from './provider-change.store.ts';

interface Dependencies {
  changes: ProviderChanges;
  formerAccounts: Pick<FormerAccounts, 'findFormer' | 'adopt'>;
  people: Pick<PersonStore, 'list'>;
  providers: SamlProvider[];
  policies: Policies;
  account: Pick<AccountService, 'endAllOf'>;
  /** Hands over all that a person has. */
  handOver: (actor: Person, fromId: string, toId: string) => Promise<void>;
  audit: Pick<AuditService, 'recordChange'>;
  now: () => Date;
}

/** How many people a preview names, and a change moves. */
const maxPeople = 5000;

export function createProviderChangeService(dependencies: Dependencies) {
  const { changes, formerAccounts, people, providers, policies, account, handOver, audit, now } =
    dependencies;

  function assertMay(actor: Person) {
    if (policies.may(actor, 'people.replace')) return;
    throw new PaperliftError('forbidden', {
      code: 'not-an-administrator',
      message: 'Only administrators can do this.',
      hint: 'Ask an administrator.',
    });
  }

  const providersOf = ({ organisationId }: Person) =>
    providers.filter((provider) => provider.organisationId === organisationId);

  function findProvider(actor: Person, id: string): SamlProvider {
    const provider = providersOf(actor).find((each) => each.id === id);
    if (provider) return provider;
    throw new PaperliftError('invalid', {
      code: 'provider-unknown',
      message: 'This identity provider isn’t configured.',
      hint: 'Choose one of the list.',
    });
  }

  async function listEveryone(organisationId: string): Promise<PersonRecord[]> {
    const found: PersonRecord[] = [];
    let from: string | undefined;
    do {
      const page = await people.list(organisationId, { from });
      found.push(...page.items);
      from = page.next;
    } while (from && found.length < maxPeople);
    return found;
  }

  /** People of the old provider, and those of the new one who have an account of the old one by address. */
  async function compare(actor: Person, fromIssuer: string, provider: SamlProvider) {
    const everyone = await listEveryone(actor.organisationId);
    const former = everyone.filter((person) => isOfIssuer(person, fromIssuer));
    const addresses = new Set(former.map(({ email }) => email.toLowerCase()));
    const doubled = everyone.filter(
      ({ issuer, email }) => issuer === provider.idpIssuer && addresses.has(email.toLowerCase()),
    );
    return { former, doubled };
  }

  return {
    /** Whom a change concerns. Without an issuer: what can be chosen. */
    async preview(
      actor: Person,
      { fromIssuer, toProviderId }: { fromIssuer?: string; toProviderId?: string },
    ) {
      assertMay(actor);
      const own = providersOf(actor);
      const made = await Promise.all(own.map(({ id }) => changes.find(actor.organisationId, id)));
      const chosen = fromIssuer && toProviderId ? findProvider(actor, toProviderId) : undefined;
      return {
        providers: own.map(({ id, name, idpIssuer }) => ({ id, name, idpIssuer })),
        made: made.filter((change) => change !== undefined),
        compared: chosen && fromIssuer ? await compare(actor, fromIssuer, chosen) : undefined,
      };
    },

    /** From now on the provider's people have the accounts of the old one's. Throws `same-provider`, `provider-unknown`. */
    async begin(actor: Person, { fromIssuer, toProviderId }: { fromIssuer: string; toProviderId: string }) {
      assertMay(actor);
      const provider = findProvider(actor, toProviderId);
      if (provider.idpIssuer === fromIssuer) throw sameProvider();
      if (
        providers.some(
          (each) => each.idpIssuer === fromIssuer && each.organisationId !== actor.organisationId,
        )
      )
        throw sameProvider(); // its people are of another organisation
      const { organisationId, name: byName } = actor;
      const { doubled } = await compare(actor, fromIssuer, provider);
      const detail = `${fromIssuer} → ${provider.idpIssuer}`;
      await audit.recordChange({ actor, action: 'provider.changed', detail }, () =>
        changes.save({ organisationId, toProviderId, fromIssuer, byName, at: now().toISOString() }),
      );
      for (const record of doubled) {
        const person = toPerson(record);
        const former = await formerAccounts.findFormer(person, fromIssuer);
        if (!former) continue;
        await formerAccounts.adopt(person, former);
        await account.endAllOf(person.id); // the next sign-in is into the old account
        await handOver(actor, person.id, former.id).catch((error) => {
          if (!isPaperliftError(error, 'hand-over-under-way')) throw error;
        });
      }
    },

    /** New people of the provider have accounts of their own again. Who has an old one keeps it. */
    async end(actor: Person, toProviderId: string) {
      assertMay(actor);
      findProvider(actor, toProviderId);
      await audit.recordChange({ actor, action: 'provider.change-ended', detail: toProviderId }, () =>
        changes.remove(actor.organisationId, toProviderId),
      );
    },
  };
}

export type ProviderChangeService = ReturnType<typeof createProviderChangeService>;

function sameProvider() {
  return new PaperliftError('invalid', {
    code: 'same-provider',
    message: 'That isn’t a former identity provider of this organisation.',
    hint: 'Enter the entity ID of the provider that people signed in with before.',
  });
}
