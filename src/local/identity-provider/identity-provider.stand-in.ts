import { createServer } from 'node:http';
import { closeServer, listenWithin, onLoopback, type Reach } from '../loopback.ts';
import type { LocalPerson } from '../people.ts';
import { createIdentityProvider } from './identity-provider.routes.ts';
import { ensureSigningKey } from './signing-key.ts';

/** The same on every machine: it is part of every person's id. */
export const identityProviderIssuer = 'urn:paperlift:local:identity-provider';

/** Starts the identity provider, with its key in the directory, for Paperlift at each of the URLs. */
export async function startIdentityProvider(options: {
  directory: string;
  port: number;
  /** Its name is not used: browsers reach it as localhost. */
  reach?: Reach;
  publicUrls: [string, ...string[]];
  people: LocalPerson[];
  /** The entity id, for a second company. */
  issuer?: string;
}) {
  const key = await ensureSigningKey(options.directory);
  const server = createServer();
  const port = await listenWithin(options.reach ?? onLoopback, server, options.port);
  // the same host name as Paperlift: browsers treat both as one site, and the cookie of a pending sign-in is sent
  // where they refuse secure cookies on plain http
  const endpoint = `http://localhost:${port}`;
  const provider = {
    issuer: options.issuer ?? identityProviderIssuer,
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
