// What cognito-local lacks for machines: resource servers with scopes, and client credentials at `/oauth2/token`.
// https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
import { randomUUID, sign, timingSafeEqual } from 'node:crypto';
import { CognitoError } from 'cognito-local/lib/errors.js';
import signingKey from 'cognito-local/lib/keys/cognitoLocal.private.json' with { type: 'json' };
import type { Services } from 'cognito-local/lib/services/index.js';
import express, { type Request, Router } from 'express';
import pino from 'pino';

type Targets = (target: string) => (context: never, input: never) => Promise<unknown>;
type Input = Record<string, unknown>;

/** Adds resource servers, in memory: Paperlift creates what is missing. Clients get scopes that exist only. */
export function withResourceServers<Router extends Targets>(router: Router): Router {
  const scopes = new Map<string, string[]>();
  const own: Record<string, (input: Input) => Promise<unknown>> = {
    async CreateResourceServer({ Identifier, Scopes = [] }) {
      if (scopes.has(String(Identifier)))
        throw new CognitoError('InvalidParameterException', 'It exists already.');
      const names = (Scopes as { ScopeName: string }[]).map(({ ScopeName }) => `${Identifier}/${ScopeName}`);
      scopes.set(String(Identifier), names);
      return { ResourceServer: { Identifier, Scopes } };
    },
  };
  return ((target: string) => {
    const handle = own[target];
    if (handle) return (_context: never, input: Input) => handle(input);
    if (target !== 'CreateUserPoolClient') return router(target);
    return async (context: never, input: Input & { AllowedOAuthScopes?: string[] }) => {
      const known = [...scopes.values()].flat();
      if (!(input.AllowedOAuthScopes ?? []).every((scope) => known.includes(scope)))
        throw new CognitoError('ScopeDoesNotExistException', 'The scope does not exist.');
      return router(target)(context, input as never);
    };
  }) as Router;
}

const logger = pino({ level: 'silent' });
const expiresIn = 3600;

interface Given {
  services: Pick<Services, 'cognito'>;
  tokens: { IssuerDomain: string };
}

/** `POST /oauth2/token` for clients with a secret (RFC 6749 4.4), signed with the pool's key. */
export function clientCredentials({ services, tokens }: Given): Router {
  const router = Router();
  router.post('/oauth2/token', express.urlencoded({ extended: false }), async (request, response) => {
    response.set('cache-control', 'no-store');
    const refuse = (status: number, error: string) => response.status(status).json({ error });
    const body = (request.body ?? {}) as Record<string, unknown>;
    if (body.grant_type !== 'client_credentials') return refuse(400, 'unsupported_grant_type');
    const { id, secret } = credentialsOf(request);
    const client = await services.cognito.getAppClient({ logger }, id);
    const given = client as {
      ClientSecret?: string;
      AllowedOAuthFlows?: string[];
      AllowedOAuthScopes?: string[];
    };
    if (!client || !isEqual(given.ClientSecret, secret)) return refuse(400, 'invalid_client');
    if (!given.AllowedOAuthFlows?.includes('client_credentials')) return refuse(400, 'unauthorized_client');
    const allowed = given.AllowedOAuthScopes ?? [];
    const asked = typeof body.scope === 'string' ? body.scope.split(' ').filter(Boolean) : [];
    if (!asked.every((scope) => allowed.includes(scope))) return refuse(400, 'invalid_scope');
    const scope = (asked.length > 0 ? asked : allowed).join(' ');
    const now = Math.floor(Date.now() / 1000);
    const token = signToken({
      sub: id,
      token_use: 'access',
      scope,
      auth_time: now,
      iss: `${tokens.IssuerDomain}/${client.UserPoolId}`,
      exp: now + expiresIn,
      iat: now,
      version: 2,
      jti: randomUUID(),
      client_id: id,
    });
    response.json({ access_token: token, expires_in: expiresIn, token_type: 'Bearer' });
  });
  return router;
}

/** By `client_secret_basic` or `client_secret_post` (RFC 6749 2.3.1). */
function credentialsOf(request: Request): { id: string; secret: string } {
  const [scheme, basic = ''] = (request.get('authorization') ?? '').split(' ');
  if (scheme?.toLowerCase() === 'basic') {
    const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':');
    return { id: decodeURIComponent(id), secret: decodeURIComponent(secret) };
  }
  const { client_id: id, client_secret: secret } = request.body as Record<string, unknown>;
  return { id: String(id), secret: String(secret) };
}

function isEqual(expected: string | undefined, given: string): boolean {
  const [one, other] = [Buffer.from(expected ?? ''), Buffer.from(given)];
  return expected !== undefined && one.length === other.length && timingSafeEqual(one, other);
}

function signToken(claims: object): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encode({ alg: 'RS256', kid: 'CognitoLocal' })}.${encode(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), signingKey.pem).toString('base64url')}`;
}
