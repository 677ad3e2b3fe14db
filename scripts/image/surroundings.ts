// The image's surroundings: the stand-ins, in this process, and a port for people.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { requestAccessToken } from '../../src/local/access-token.ts';
import { startStandIns } from '../../src/local/stand-ins.ts';
import { findFreePort } from '../../test/support/free-port.ts';

/** `env` is for both web and worker. No variable names a file, which the image could not see. */
export async function startSurroundings() {
  const port = await findFreePort();
  const base = `http://localhost:${port}`;
  const dataDirectory = await mkdtemp(path.join(tmpdir(), 'paperlift-image-check-'));
  const standIns = await startStandIns({ dataDirectory, ports: 'any', publicUrl: base });
  const { SAML_IDP_CERTIFICATE_FILE: certificate, ...env } = standIns.env;

  return {
    base,
    port,
    env: { ...env, SAML_IDP_CERTIFICATE: await readFile(certificate as string, 'utf8') } as Record<
      string,
      string
    >,

    /** An access token of the user pool. */
    tokenOf: (email: string): Promise<string> => requestAccessToken(standIns.userPool, email),

    async stop() {
      await standIns.stop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

export type Surroundings = Awaited<ReturnType<typeof startSurroundings>>;
