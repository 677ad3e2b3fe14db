// Verifies tokens of the Cognito user pool.
// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
import { JwtVerifier } from 'aws-jwt-verify';
import { validateCognitoJwtFields } from 'aws-jwt-verify/cognito-verifier';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import type { Config } from '../config/config.ts';
import { isPaperliftError } from '../errors.ts';
import type { PersonStore } from '../people/person.store.ts';
import { isBlocked, type Person, toPerson } from '../people/person.ts';
import type { Policies } from '../people/policies.ts';
import type { ServiceAccountStore } from '../people/service-account.store.ts';
import { personOfServiceAccount, serviceAccountIdOf } from '../people/service-account.ts';
import type { Logger } from '../runtime/logger.ts';
import { noAccess, noScope, refused } from './token.errors.ts';
import { createKeyFetcher } from './token.keys.ts';

interface Dependencies {
  cognito: Omit<NonNullable<Config['aws']['cognito']>, 'tokenUrl'>;
  region: string;
  people: Pick<PersonStore, 'find' | 'findByPoolUser'>;
  serviceAccounts: Pick<ServiceAccountStore, 'find' | 'noteUse'>;
  policies: Pick<Policies, 'maySignIn'>;
  logger: Pick<Logger, 'warn'>;
  now: () => Date;
}

export function createTokenVerifier(dependencies: Dependencies) {
  const { cognito, region, people, serviceAccounts, policies, logger, now } = dependencies;
  const base = cognito.endpoint ?? `https://cognito-idp.${region}.amazonaws.com`;
  const issuer = `${base.replace(/\/$/, '')}/${cognito.userPoolId}`;
  const { tokenUse, clientId } = cognito;
  const verifier = JwtVerifier.create(
    {
      issuer,
      audience: null, // access tokens have none; the client is checked below, in `client_id` or `aud`
      jwksUri: `${issuer}/.well-known/jwks.json`, // fixed: a token's own `jku` is ignored
      customJwtCheck({ payload }) {
        // a service account's client is looked up below; its tokens are access tokens, whatever people's have to be
        if (isOfMachine(payload)) validateCognitoJwtFields(payload, { tokenUse: 'access', clientId: null });
        else validateCognitoJwtFields(payload, { tokenUse, clientId });
        if (typeof payload.exp !== 'number') throw new Error('The token has no expiry'); // the library allows it
      },
    },
    // after an unknown key, its penalty box fetches no keys for ten seconds; known keys still work
    { jwksCache: new SimpleJwksCache({ fetcher: createKeyFetcher() }) },
  );

  async function verifyMachine({ client_id: clientId, scope }: Payload): Promise<Person> {
    const account = await serviceAccounts.find(serviceAccountIdOf(String(clientId)));
    if (!account) throw refused('The token’s client is no service account of Paperlift.', clientId);
    if (account.revokedAt) throw refused('The token’s service account was revoked.', account.id);
    const person = personOfServiceAccount(account, scope);
    if (person.scopes?.length === 0) throw noScope(scope);
    await serviceAccounts
      .noteUse(account, now())
      .catch((error) => logger.warn({ err: error, accountId: account.id }, 'could not note the last use'));
    return person;
  }

  return {
    /**
     * The person that the token's user mirrors, with the token's groups limited to those of the last sign-in. Throws
     * `token-invalid`, `no-access`. A service account's token gives its scopes, limited to those that the account has.
     */
    async verify(token: string): Promise<Person> {
      const payload = await verifier.verify(token).catch((error) => {
        throw isPaperliftError(error) ? error : refused('The token is invalid or has expired.', error);
      });
      if (isOfMachine(payload)) return verifyMachine(payload);
      const username = payload[tokenUse === 'id' ? 'cognito:username' : 'username'];
      const known = typeof username === 'string' ? await people.findByPoolUser(username) : undefined;
      if (!known) throw refused('The token’s user has never signed in to Paperlift.', username);
      const record = await people.find(known.id);
      if (!record || isBlocked(record)) throw refused('Access is blocked for the token’s user.', known.id);
      if (isIssuedBefore(payload.iat, record.signedOutAt)) {
        throw refused('The token was revoked when its user was signed out everywhere.', known.id);
      }
      const groups = payload['cognito:groups'];
      // a token keeps its groups until it expires; groups that the company has removed since do not count, as for a
      // session
      const isStillIn = (group: string) => record.groups === undefined || record.groups.includes(group);
      const person: Person = {
        ...toPerson(record),
        groups: Array.isArray(groups)
          ? groups.filter((group): group is string => typeof group === 'string' && isStillIn(group))
          : [],
      };
      if (!policies.maySignIn(person)) throw noAccess(person);
      return person;
    },
  };
}

export type TokenVerifier = ReturnType<typeof createTokenVerifier>;

type Payload = Record<string, unknown>;

/**
 * Whether the token is of a client, and of no user: client credentials give no `username`.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
 */
const isOfMachine = (payload: Payload) =>
  payload.token_use === 'access' && payload.username === undefined && typeof payload.client_id === 'string';

/** `iat` has whole seconds (RFC 7519 4.1.6): a token of the sign-out's second may be older, so it is refused. */
function isIssuedBefore(iat: unknown, signedOutAt: number | undefined): boolean {
  if (signedOutAt === undefined) return false;
  return typeof iat !== 'number' || iat <= Math.floor(signedOutAt / 1000);
}
