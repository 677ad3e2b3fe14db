import {
  AdminInitiateAuthCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Paperlift } from './paperlift.ts';

/** The tokens of the local user pool, as a program would get them. */
export async function poolTokensOf({ config, standIns }: Paperlift, email: string) {
  const { region, cognito } = config.aws;
  const client = new CognitoIdentityProviderClient({ region, endpoint: cognito?.endpoint as string });
  const username = standIns.people.find((person) => person.email === email)?.cognitoUsername as string;
  const { AuthenticationResult } = await client.send(
    new AdminInitiateAuthCommand({
      UserPoolId: cognito?.userPoolId,
      ClientId: cognito?.clientId,
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: username, PASSWORD: standIns.userPool.password },
    }),
  );
  client.destroy();
  return { access: AuthenticationResult?.AccessToken as string, id: AuthenticationResult?.IdToken as string };
}

export async function accessTokenOf(paperlift: Paperlift, email: string): Promise<string> {
  return (await poolTokensOf(paperlift, email)).access;
}
