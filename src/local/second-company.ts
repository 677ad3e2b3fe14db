// A second company on the local stack: an identity provider and people of its own, in an organisation of their own.
import { startIdentityProvider } from './identity-provider/identity-provider.stand-in.ts';
import type { Reach } from './loopback.ts';
import { describePerson, groupTable } from './people.ts';

const secondCompany = {
  id: 'second',
  name: 'Second Company',
  issuer: 'urn:paperlift:local:second-company',
};

/** Its people: two users, of whom one is in a team that the first company has by name, too, and an administrator. */
const secondCompanyPeople = [
  describePerson('nora@second.example', 'Nora North', ['Paperlift Users', 'Finance']),
  describePerson('omar@second.example', 'Omar Orr', ['Paperlift Users']),
  describePerson('pia@second.example', 'Pia Park', ['Paperlift Admins']),
];

interface FirstCompany {
  issuer: string;
  entryPoint: string;
  certificateFile: string;
}

/** Starts its identity provider. `env` configures both companies. */
export async function startSecondCompany(options: {
  directory: string;
  port: number;
  reach?: Reach | undefined;
  publicUrls: [string, ...string[]];
  first: FirstCompany;
}) {
  const provider = await startIdentityProvider({
    ...options,
    issuer: secondCompany.issuer,
    people: secondCompanyPeople,
  });
  const { first } = options;
  const providerOf = (
    { id, name, organisation }: { id: string; name: string; organisation: string },
    { issuer, entryPoint, certificateFile }: FirstCompany,
  ) => ({
    id,
    name,
    organisation,
    idpIssuer: issuer,
    entryPoint,
    certificateFiles: [certificateFile],
    groupTable,
  });
  const { id, name } = secondCompany;
  return {
    endpoint: provider.endpoint,
    env: {
      ORGANISATIONS: JSON.stringify([
        { id: 'default', name: 'Example Company' },
        { id, name },
      ]),
      SAML_PROVIDERS: JSON.stringify([
        providerOf({ id: 'example', name: 'Example Company', organisation: 'default' }, first),
        providerOf({ id, name, organisation: id }, provider),
      ]),
    },
    stop: provider.stop,
  };
}
