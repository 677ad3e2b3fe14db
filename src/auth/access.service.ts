// Sign-in diagnostics: the latest sign-ins, and a test of pasted groups or responses. It signs no one in.

import type { SamlProvider } from '../config/provider.config.ts';
import { PaperliftError } from '../errors.ts';
import { mapGroups } from '../people/groups.ts';
import type { Person } from '../people/person.ts';
import type { Policies } from '../people/policies.ts';
import type { ExplainResponse, Explanation } from './explanation.ts';
import { looksLikeResponse } from './saml/pasted-response.ts';
import type { SignInLog } from './sign-in-log.store.ts';

interface Dependencies {
  signInLog: Pick<SignInLog, 'latest'>;
  providers: SamlProvider[];
  policies: Policies;
  explainResponse: ExplainResponse;
}

export function createAccessService({ signInLog, providers, policies, explainResponse }: Dependencies) {
  function assertMaySee(person: Person) {
    if (policies.may(person, 'sign-ins.read')) return;
    throw new PaperliftError('forbidden', {
      code: 'not-an-administrator',
      message: 'Only administrators can see this page.',
      hint: 'Go back to your projects.',
    });
  }

  const ofOrganisation = ({ organisationId }: Person) =>
    providers.filter((provider) => provider.organisationId === organisationId);

  return {
    /** The identity providers of the person's organisation. */
    providersOf: (person: Person) => ofOrganisation(person).map(({ id, name }) => ({ id, name })),

    async latest(person: Person, page: { limit: number; cursor?: string }) {
      assertMaySee(person);
      return signInLog.latest(person.organisationId, page);
    },

    /** What a list of groups (one a line) or a SAML response (base64 or XML) would result in at this provider. */
    async explain(person: Person, providerId: string, pasted: string): Promise<Explanation> {
      assertMaySee(person);
      const own = ofOrganisation(person);
      const provider = own.find(({ id }) => id === providerId) ?? own[0];
      if (!provider) throw new Error('No identity provider is configured');
      if (looksLikeResponse(pasted)) {
        return { kind: 'response', ...(await explainResponse(provider.id, pasted)) };
      }
      const values = pasted.split(/\r?\n/).filter((line) => line.trim() !== '');
      const { groups, mapped, dropped } = mapGroups(values, provider.groupTable, provider.groupSeparator);
      const somebody = {
        id: '',
        name: '',
        email: '',
        groups,
        organisationId: person.organisationId,
        teams: [],
      };
      return {
        kind: 'groups',
        checks: [],
        ...(policies.maySignIn(somebody) ? {} : { reason: 'no-group' }),
        attributes: {},
        mapped,
        dropped,
      };
    },
  };
}

export type AccessService = ReturnType<typeof createAccessService>;
