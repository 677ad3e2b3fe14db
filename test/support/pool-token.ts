import {
  AdminInitiateAuthCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Paperlift } from './paperlift.ts';

/** An access token of the local user pool, as a program would get it. */
export async function accessTokenOf({ config, standIns }: Paperlift, email: string): Promise<string> {
  const { region, cognito } = config.aws;
  const client = new CognitoIdentityProviderClient({ region, endpoint: cognito?.endpoint as string });
  const username = standIns.people.find((person) => person.email === email)?.cognitoUsername as string;
  const { AuthenticationResult } = await client.send(
    new AdminInitiateAuthCommand({
      UserPoolId: cognito?.userPoolId,
      ClientId: cognito?.clientId,
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: username, PASSWORD: standIns.poolPassword },
    }),
  );
  client.destroy();
  return AuthenticationResult?.AccessToken as string;
}
