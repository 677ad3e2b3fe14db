// A user pool that signs whatever a test wants, and counts requests for its keys.
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

export async function startTokenPool({ userPoolId, clientId }: { userPoolId: string; clientId: string }) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = 'the-key-of-the-pool';
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (!request.url?.endsWith('/.well-known/jwks.json')) {
      response.writeHead(500).end();
      return;
    }
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' };
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  /** The claims of an access token as Cognito writes them, with overrides. */
  function claim(username: string, changes: Record<string, unknown> = {}) {
    const now = Math.floor(Date.now() / 1000);
    return {
      sub: '7e3c3a6c-0000-4000-8000-000000000000',
      iss: `${endpoint}/${userPoolId}`,
      client_id: clientId,
      token_use: 'access',
      scope: 'aws.cognito.signin.user.admin',
      auth_time: now,
      iat: now,
      exp: now + 3600,
      username,
      'cognito:groups': ['paperlift-users'],
      ...changes,
    };
  }

  /** Signed with the pool's own key by default. */
  function mint(claims: object, header: object = {}, key = privateKey): string {
    const input = `${encode({ alg: 'RS256', kid, ...header })}.${encode(claims)}`;
    return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
  }

  function mintHmac(claims: object): string {
    const input = `${encode({ alg: 'HS256', kid })}.${encode(claims)}`;
    const secret = publicKey.export({ format: 'pem', type: 'spki' });
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
  }

  return {
    endpoint,
    claim,
    mint,
    mintHmac,
    mintUnsigned: (claims: object) => `${encode({ alg: 'none', kid })}.${encode(claims)}.`,
    /** How often the keys were requested. */
    keyRequests: () => asked.filter((url) => url.endsWith('/jwks.json')).length,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type TokenPool = Awaited<ReturnType<typeof startTokenPool>>;
