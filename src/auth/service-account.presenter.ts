import { formatTime } from '../http/times.ts';
import { type Permission, permissions } from '../people/permissions.ts';
import { machineScopes, type ServiceAccount, toPoolScope } from '../people/service-account.ts';

export interface ServiceAccountPage {
  accounts: ServiceAccount[];
  isAvailable: boolean;
  publicUrl: string;
  tokenUrl: string | undefined;
  now: Date;
  /** The account that was just created. */
  created?: { account: ServiceAccount; secret: string };
  /** The account that was just revoked. */
  revokedId?: string | undefined;
  /** What was typed, and what is wrong with it. */
  form?: { name: string; scopes: string[]; error: { field: 'name' | 'scopes'; message: string } };
}

/** What a scope lets a program do. */
const scopeWords: Partial<Record<Permission, string>> = {
  'projects.take-part': 'Use what it owns and what is shared with it',
};

/** The model of `admin/service-accounts`. */
export function presentServiceAccounts(page: ServiceAccountPage) {
  const { accounts, isAvailable, publicUrl, tokenUrl, now, created, revokedId, form } = page;
  const present = (account: ServiceAccount) => ({
    id: account.id,
    name: account.name,
    clientId: account.clientId,
    scopes: account.scopes,
    created: formatTime(account.createdAt, now),
    createdBy: account.createdByName,
    used: account.lastUsedAt ? formatTime(account.lastUsedAt, now) : undefined,
    revoked: account.revokedAt ? formatTime(account.revokedAt, now) : undefined,
    revokeUrl: `/admin/service-accounts/${account.id}/revoke`,
    trailUrl: `/admin/audit?${new URLSearchParams({ person: account.id })}`,
  });
  return {
    isAvailable,
    accounts: accounts.filter(({ revokedAt }) => !revokedAt).map(present),
    revoked: accounts.filter(({ revokedAt }) => revokedAt).map(present),
    created: created && {
      name: created.account.name,
      clientId: created.account.clientId,
      secret: created.secret,
      example: exampleOf(created.account, { publicUrl, tokenUrl }),
    },
    revokedName: accounts.find(({ id, revokedAt }) => id === revokedId && revokedAt)?.name ?? '',
    scopes: machineScopes.map((scope) => ({
      value: scope,
      explanation: scopeWords[scope] ?? permissions[scope],
      isChosen: form ? form.scopes.includes(scope) : false,
    })),
    name: form?.name ?? '',
    nameError: form?.error.field === 'name' ? form.error.message : '',
    scopesError: form?.error.field === 'scopes' ? form.error.message : '',
  };
}

/** Commands that get a token and use it. The secret comes from the environment, not from the history of a shell. */
function exampleOf(
  { clientId, scopes }: ServiceAccount,
  { publicUrl, tokenUrl }: Pick<ServiceAccountPage, 'publicUrl' | 'tokenUrl'>,
): string {
  const [scope = 'projects.take-part'] = scopes;
  return [
    `TOKEN=$(curl -s -u "${clientId}:$CLIENT_SECRET" \\`,
    `  -d grant_type=client_credentials -d scope=${toPoolScope(scope)} \\`,
    `  ${tokenUrl ?? 'https://<user pool domain>/oauth2/token'} | jq -r .access_token)`,
    `curl -H "Authorization: Bearer $TOKEN" ${publicUrl}/api/v1/projects`,
  ].join('\n');
}
