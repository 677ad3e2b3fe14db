import { callStandIn } from './call-stand-in.ts';
import type { RunningStack } from './data-directory.ts';

/** Signs a person in at the user pool with the password that all of the local people share there. */
export async function requestAccessToken(pool: RunningStack['userPool'], email: string): Promise<string> {
  const answer = await callStandIn<{ AuthenticationResult: { AccessToken: string } }>({
    endpoint: pool.endpoint,
    target: 'AWSCognitoIdentityProviderService.AdminInitiateAuth',
    version: '1.1',
    input: {
      UserPoolId: pool.id,
      ClientId: pool.clientId,
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: email, PASSWORD: pool.password },
    },
  });
  return answer.AuthenticationResult.AccessToken;
}
