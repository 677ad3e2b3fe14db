// Access tokens of the Cognito user pool.
// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html

import { JwtVerifier } from 'aws-jwt-verify';
import { validateCognitoJwtFields } from 'aws-jwt-verify/cognito-verifier';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import type { Config } from '../config.ts';
import { PaperliftError } from '../errors.ts';
import type { PersonStore } from './person.store.ts';
import type { Person } from './person.ts';

interface Dependencies {
  cognito: NonNullable<Config['aws']['cognito']>;
  region: string;
  people: PersonStore;
}

export function createTokenVerifier({ cognito, region, people }: Dependencies) {
  const base = cognito.endpoint ?? `https://cognito-idp.${region}.amazonaws.com`;
  const issuer = `${base.replace(/\/$/, '')}/${cognito.userPoolId}`;
  const verifier = JwtVerifier.create(
    {
      issuer,
      audience: null, // access tokens have none; client_id is checked below
      jwksUri: `${issuer}/.well-known/jwks.json`,
      customJwtCheck: ({ payload }) =>
        validateCognitoJwtFields(payload, { tokenUse: 'access', clientId: cognito.clientId }),
    },
    { jwksCache: new SimpleJwksCache({ fetcher: { fetch: fetchKeys } }) },
  );

  return {
    /** The person whose mirror the token's user is, with the token's groups. Throws `token-invalid`. */
    async verify(token: string): Promise<Person> {
      const payload = await verifier.verify(token).catch((error) => {
        throw refused('The access token is not valid, or has expired.', error);
      });
      const username = payload.username;
      const known = typeof username === 'string' ? await people.findByPoolUser(username) : undefined;
      if (!known) throw refused('The access token’s user has never signed in to Paperlift.', username);
      const groups = payload['cognito:groups'];
      return {
        ...known,
        groups: Array.isArray(groups)
          ? groups.filter((group): group is string => typeof group === 'string')
          : [],
      };
    },
  };
}

export type TokenVerifier = ReturnType<typeof createTokenVerifier>;

async function fetchKeys(uri: string): Promise<ArrayBuffer> {
  const answer = await fetch(uri, { signal: AbortSignal.timeout(3000), redirect: 'error' });
  if (!answer.ok) throw new Error(`The user pool’s keys cannot be had: ${answer.status}`);
  return answer.arrayBuffer();
}

function refused(message: string, cause: unknown) {
  return new PaperliftError('not-signed-in', {
    code: 'token-invalid',
    message,
    todo: 'Get a new access token for this user pool and client.',
    cause,
  });
}
