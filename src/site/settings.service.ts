import type { Config } from '../config/config.ts';
import type { SamlProvider } from '../config/provider.config.ts';
import { PaperliftError } from '../errors.ts';
import type { OrganisationUsage } from '../pages/organisation-usage.store.ts';
import type { Organisation } from '../people/organisation.ts';
import type { Person } from '../people/person.ts';
import type { Policies } from '../people/policies.ts';

interface Dependencies {
  config: Config;
  policies: Policies;
  usage: Pick<OrganisationUsage, 'view'>;
}

/** What administrators see of the deployment: nothing of other organisations. */
export interface Settings {
  config: Omit<Config, 'organisations' | 'customRoles' | 'saml'> & {
    saml: Omit<Config['saml'], 'providers'>;
  };
  organisation: Organisation;
  providers: SamlProvider[];
  usage: Awaited<ReturnType<OrganisationUsage['view']>>;
}

export function createSettingsService({ config, policies, usage }: Dependencies) {
  return {
    async read(person: Person): Promise<Settings> {
      const { organisationId } = person;
      const organisation = config.organisations.find(({ id }) => id === organisationId);
      if (organisation && policies.may(person, 'settings.read'))
        return {
          config,
          organisation,
          usage: await usage.view(organisationId),
          providers: config.saml.providers.filter((provider) => provider.organisationId === organisationId),
        };
      throw new PaperliftError('forbidden', {
        code: 'not-an-administrator',
        message: 'Only administrators can view this page.',
        hint: 'Go back to your projects.',
      });
    },
  };
}

export type SettingsService = ReturnType<typeof createSettingsService>;
