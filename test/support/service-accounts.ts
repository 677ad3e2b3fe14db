import type { Permission } from '../../src/people/permissions.ts';
import type { ServiceAccount } from '../../src/people/service-account.ts';
import type { Paperlift } from './paperlift.ts';
import { buildPerson } from './session-of.ts';

/** A service account as an administrator creates it, with its secret. */
export function addServiceAccount(
  { services }: Pick<Paperlift, 'services'>,
  name: string,
  scopes: Permission[],
  organisationId = 'default',
): Promise<{ account: ServiceAccount; secret: string }> {
  const admin = buildPerson('Ada Admin', { groups: ['paperlift-admins'], organisationId });
  return services.serviceAccounts.create(admin, { name, scopes });
}

/** What the user pool's token endpoint answers. */
export async function requestToken(
  { config }: Pick<Paperlift, 'config'>,
  {
    clientId,
    secret,
    fields = {},
    inBody = false,
  }: {
    clientId: string;
    secret: string;
    fields?: Record<string, string>;
    /** Whether the client says its secret in the body instead of a header. */
    inBody?: boolean;
  },
) {
  const answer = await fetch(config.aws.cognito?.tokenUrl as string, {
    method: 'POST',
    headers: inBody
      ? {}
      : { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      ...(inBody ? { client_id: clientId, client_secret: secret } : {}),
      ...fields,
    }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, string> };
}

/** A program with these scopes, and a token of its. */
export async function programOf(
  paperlift: Pick<Paperlift, 'services' | 'config'>,
  name: string,
  scopes: Permission[],
  organisationId?: string,
) {
  const { account, secret } = await addServiceAccount(paperlift, name, scopes, organisationId);
  const { body } = await requestToken(paperlift, { clientId: account.clientId, secret });
  return { account, secret, token: body.access_token as string };
}
