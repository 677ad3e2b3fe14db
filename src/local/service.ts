// The stand-ins as separate services (docker-compose.yml). The first argument selects one: `stand-ins`,
// `identity-provider`. `ready` checks the first; `token <address>` prints a token.
import { join } from 'node:path';
import {
  ensureSecrets,
  LocalStackError,
  lockDataDirectory,
  readRunning,
  removeRunning,
  writeRunning,
  writeSecretly,
} from './data-directory.ts';
import { startIdentityProvider } from './identity-provider/identity-provider.stand-in.ts';
import { ensureSigningKey } from './identity-provider/signing-key.ts';
import { localPeople } from './people.ts';
import { loadIdentityProviderConfig, loadStandInsConfig } from './service.config.ts';
import { startStandIns } from './stand-ins.ts';

const words: Record<string, () => Promise<unknown>> = {
  'stand-ins': runStandIns,
  'identity-provider': runIdentityProvider,
  ready: checkReady,
  async token() {
    process.argv.splice(2, 1);
    await import('./token.ts');
  },
};

try {
  const word = words[process.argv[2] ?? ''];
  if (!word) throw new LocalStackError(`Usage: give one of: ${Object.keys(words).join(', ')}`);
  await word();
} catch (error) {
  process.stderr.write(`${error instanceof LocalStackError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}

async function runStandIns(): Promise<void> {
  const { dataDirectory, sharedDirectory, publicUrl, ...rest } = loadStandInsConfig(process.env);
  const unlock = await lockDataDirectory(dataDirectory);
  const { sessionSecret } = await ensureSecrets(dataDirectory);
  await writeSecretly(join(sharedDirectory, 'session-secret'), sessionSecret);
  const standIns = await startStandIns({
    dataDirectory,
    publicUrl,
    ...rest,
    ports: { ...rest.ports, identityProvider: 0, textract: 0, secondIdentityProvider: 0, otherServices: 0 },
    textract: false,
    identityProvider: false,
  });
  await writeRunning(dataDirectory, {
    pid: process.pid,
    publicUrl,
    database: standIns.database,
    userPool: standIns.userPool,
    processes: {},
  });
  process.stdout.write('S3, SQS, DynamoDB and Cognito are ready\n');
  stopOnSignal(async () => {
    await removeRunning(dataDirectory);
    await standIns.stop();
    await unlock();
  });
}

async function runIdentityProvider(): Promise<void> {
  const { dataDirectory, sharedDirectory, publicUrl, reach, port } = loadIdentityProviderConfig(process.env);
  // first: web and worker look for it as soon as the provider answers
  const { certificate } = await ensureSigningKey(dataDirectory);
  await writeSecretly(join(sharedDirectory, 'identity-provider.pem'), certificate);
  const identityProvider = await startIdentityProvider({
    directory: dataDirectory,
    port,
    reach,
    publicUrls: [publicUrl],
    people: localPeople,
  });
  process.stdout.write(`The identity provider is ready at ${identityProvider.entryPoint}\n`);
  stopOnSignal(identityProvider.stop);
}

async function checkReady(): Promise<void> {
  const { dataDirectory } = loadStandInsConfig(process.env);
  const running = await readRunning(dataDirectory);
  if (!running) throw new LocalStackError('The stand-ins are not ready.');
  const signal = AbortSignal.timeout(3000);
  await Promise.all([running.database, running.userPool].map(({ endpoint }) => fetch(endpoint, { signal })));
}

function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false;
  const end = async () => {
    if (stopping) return;
    stopping = true;
    await stop();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end);
}
