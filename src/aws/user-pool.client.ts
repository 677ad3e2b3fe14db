import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';

export function createUserPoolClient({ region, endpoint }: { region: string; endpoint: string | undefined }) {
  return new CognitoIdentityProviderClient({ region, maxAttempts: 2, ...(endpoint ? { endpoint } : {}) });
}
