// Which account a person of a new identity provider has: their own, or the one from before their company changed it.
import type { AuditService } from '../audit/audit.service.ts';
import type { SamlProvider } from '../config/provider.config.ts';
import { organisationOf } from '../people/organisation.ts';
import type { PersonStore } from '../people/person.store.ts';
import type { Person } from '../people/person.ts';
import type { PersonRecord } from '../people/person-record.ts';
import type { ProviderChanges } from './provider-change.store.ts';

interface Dependencies {
  changes: Pick<ProviderChanges, 'find' | 'accountOf' | 'link'>;
  people: Pick<PersonStore, 'find' | 'list'>;
  audit: Pick<AuditService, 'record'>;
}

/** Whether a person signed in by that provider last. People who signed in before this was noted may be anyone's. */
export const isOfIssuer = ({ issuer }: PersonRecord, wanted: string) =>
  issuer === undefined || issuer === wanted;

export function createFormerAccounts({ changes, people, audit }: Dependencies) {
  /** The one person of the former provider with this address; `undefined` when there are none or several. */
  async function findFormer(person: Person, fromIssuer: string): Promise<PersonRecord | undefined> {
    const { items } = await people.list(person.organisationId, { mail: person.email });
    const same = items.filter(
      (each) =>
        each.id !== person.id &&
        each.email.toLowerCase() === person.email.toLowerCase() &&
        isOfIssuer(each, fromIssuer),
    );
    return same.length === 1 ? same[0] : undefined;
  }

  /** Gives the person an account from before, recorded in its trail. */
  async function adopt(person: Person, former: PersonRecord): Promise<void> {
    if (!(await changes.link(person.id, former.id))) return;
    await audit.record({
      actor: 'system',
      organisationId: organisationOf(former),
      action: 'person.adopted',
      personId: former.id,
      detail: person.email,
    });
  }

  return {
    findFormer,
    adopt,

    /** The person as Paperlift knows them: with the id of their account. */
    async resolve(person: Person, provider: SamlProvider): Promise<Person> {
      const known = await changes.accountOf(person.id);
      if (known) return { ...person, id: known };
      const change = await changes.find(person.organisationId, provider.id);
      const former = change && person.email ? await findFormer(person, change.fromIssuer) : undefined;
      if (!former) return person;
      await adopt(person, former);
      return { ...person, id: former.id };
    },

    /** The same for an id alone, as a logout request names it. */
    accountOf: async (personId: string): Promise<string> => (await changes.accountOf(personId)) ?? personId,
  };
}

export type FormerAccounts = ReturnType<typeof createFormerAccounts>;
