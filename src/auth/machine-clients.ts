// App clients of the user pool for service accounts: OAuth 2.0 client credentials, with a scope for each permission.
// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-define-resource-servers.html
import {
  type CognitoIdentityProviderClient,
  CreateResourceServerCommand,
  CreateUserPoolClientCommand,
  DeleteUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { unavailable } from '../errors.ts';
import { type Permission, permissions } from '../people/permissions.ts';
import { machineScopes, resourceServer, toPoolScope } from '../people/service-account.ts';

interface Dependencies {
  cognito: CognitoIdentityProviderClient;
  userPoolId: string;
}

const timeoutMs = 5000;
/** The characters that Cognito allows in a client's name. */
const notAllowed = /[^\w\s+=,.@-]/g;

export function createMachineClients({ cognito, userPoolId: UserPoolId }: Dependencies) {
  const limit = () => ({ abortSignal: AbortSignal.timeout(timeoutMs) });

  /** Pools that infra/ did not create have no resource server yet. */
  async function createResourceServer() {
    const create = new CreateResourceServerCommand({
      UserPoolId,
      Identifier: resourceServer,
      Name: 'Paperlift',
      Scopes: machineScopes.map((scope) => ({ ScopeName: scope, ScopeDescription: permissions[scope] })),
    });
    await cognito.send(create, limit());
  }

  async function createClient(name: string, scopes: Permission[]) {
    const { UserPoolClient } = await cognito.send(
      new CreateUserPoolClientCommand({
        UserPoolId,
        ClientName: `${resourceServer}: ${name.replaceAll(notAllowed, '-')}`.slice(0, 128),
        GenerateSecret: true,
        AllowedOAuthFlowsUserPoolClient: true,
        AllowedOAuthFlows: ['client_credentials'],
        AllowedOAuthScopes: scopes.map(toPoolScope),
        // by default people could sign in with this client, too
        ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
        AccessTokenValidity: 1,
        TokenValidityUnits: { AccessToken: 'hours' },
        EnableTokenRevocation: true,
        PreventUserExistenceErrors: 'ENABLED',
      }),
      limit(),
    );
    const { ClientId: clientId, ClientSecret: secret } = UserPoolClient ?? {};
    if (!clientId || !secret) throw new Error('The user pool returned no client id or no secret');
    return { clientId, secret };
  }

  return {
    /** Creates a client. The secret is in this answer and nowhere else in Paperlift. Throws `user-pool-unavailable`. */
    async create(name: string, scopes: Permission[]): Promise<{ clientId: string; secret: string }> {
      try {
        return await createClient(name, scopes);
      } catch (error) {
        if ((error as Error).name !== 'ScopeDoesNotExistException') throw unavailable('user-pool', error);
      }
      try {
        await createResourceServer();
        return await createClient(name, scopes);
      } catch (error) {
        throw unavailable('user-pool', error);
      }
    },

    /** Deletes a client, so that it gets no more tokens. May be repeated. */
    async remove(clientId: string) {
      try {
        await cognito.send(new DeleteUserPoolClientCommand({ UserPoolId, ClientId: clientId }), limit());
      } catch (error) {
        if ((error as Error).name !== 'ResourceNotFoundException') throw error;
      }
    },
  };
}

export type MachineClients = ReturnType<typeof createMachineClients>;
