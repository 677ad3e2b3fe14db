import { createServer } from 'node:http';
import { closeServer, listenWithin, onLoopback, type Reach } from '../loopback.ts';
import type { LocalPerson } from '../people.ts';
import { createIdentityProvider } from './identity-provider.routes.ts';
import { ensureSigningKey } from './signing-key.ts';

/** The same everywhere: it is part of every person's id. */
export const identityProviderIssuer = 'urn:paperlift:local:identity-provider';

/** Starts the identity provider, with its key in the directory, for Paperlift at each of the addresses. */
export async function startIdentityProvider(options: {
  directory: string;
  port: number;
  /** Its name is for nobody: browsers reach it as localhost. */
  reach?: Reach;
  publicUrls: [string, ...string[]];
  people: LocalPerson[];
}) {
  const key = await ensureSigningKey(options.directory);
  const server = createServer();
  const port = await listenWithin(options.reach ?? onLoopback, server, options.port);
  // The host name of Paperlift itself: for a browser the two are then one site, and a cookie that waits for the answer
  // comes along where browsers refuse secure cookies on plain http.
  const endpoint = `http://localhost:${port}`;
  const provider = {
    issuer: identityProviderIssuer,
    entryPoint: `${endpoint}/sso`,
    publicUrl: options.publicUrls[0],
    serviceProviders: options.publicUrls.map((publicUrl) => ({
      entityId: `${publicUrl}/auth/saml/metadata`,
      acsUrl: `${publicUrl}/auth/saml/acs`,
    })),
    people: options.people,
    key,
  };
  server.on('request', createIdentityProvider(provider));
  return {
    endpoint,
    issuer: provider.issuer,
    entryPoint: provider.entryPoint,
    certificateFile: key.certificateFile,
    stop: () => closeServer(server),
  };
}
