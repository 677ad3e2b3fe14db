// `npm run compose:check`: does what `docker compose up` would do, without a Docker engine. Checks both files against the
// Compose specification's schema, the Dockerfile and the configuration. Starts the services of docker-compose.yml with
// their commands and environments, in their order and with their health checks, runs the end-to-end checks of test/parity
// through them, and stops them. Of docker-compose.onprem.yml it starts the services that are built here, with stand-ins
// for the engines. Services run from the images of `npm run image:check` (root on Linux), otherwise, or with --tree, from
// this source tree. `--only <part of a name>` selects end-to-end checks.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runChecks } from '../test/parity/run-checks.ts';
import { readComposeFile } from './compose/compose-file.ts';
import type { Engine, Running } from './compose/engine.ts';
import { startEngines } from './compose/engines.stand-in.ts';
import { createImageEngine } from './compose/image.engine.ts';
import { findMistakes } from './compose/mistakes.ts';
import { findPorts, planServices, secretsFolder } from './compose/plan.ts';
import { reservePorts } from './compose/reserve-ports.ts';
import { runServices } from './compose/run-services.ts';
import { findSchemaMistakes } from './compose/schema.ts';
import { createTreeEngine } from './compose/tree.engine.ts';

const { values } = parseArgs({ options: { tree: { type: 'boolean' }, only: { type: 'string' } } });
const root = resolve(import.meta.dirname, '..');
const print = (line: string) => process.stdout.write(`${line}\n`);
const startedAt = performance.now();
const directory = await mkdtemp(join(tmpdir(), 'paperlift-compose-'));
try {
  checkFile('docker-compose.yml', { foreignImages: false });
  checkFile('docker-compose.onprem.yml', { foreignImages: true, proxy: 'proxy' });
  await checkLocal(await prepareEngine('local'));
  await checkOnPrem(await prepareEngine('onprem'));
  print(`The Compose files are valid (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
} catch (error) {
  print((error as Error).stack as string);
  process.exitCode = 1;
} finally {
  await rm(directory, { recursive: true, force: true });
}

function checkFile(name: string, expected: { foreignImages: boolean; proxy?: string }): void {
  const file = readComposeFile(join(root, name));
  const mistakes = [
    ...findSchemaMistakes(file.document),
    ...findMistakes(file, { directory: root, ...expected }),
  ];
  if (mistakes.length > 0) throw new Error(`${name} has mistakes:\n  ${mistakes.join('\n  ')}`);
  print(`ok  ${name}: schema, ${file.services.length} services, their order, configuration and exposure`);
}

interface Prepared {
  engine: Engine;
  /** The folder of its volumes. */
  directory: string;
}

async function prepareEngine(name: string): Promise<Prepared> {
  const own = { directory: join(directory, name) };
  await mkdir(own.directory);
  const engine = (values.tree ? undefined : await createImageEngine(own)) ?? (await createTreeEngine(own));
  return { engine, ...own };
}

async function checkLocal({ engine }: Prepared): Promise<void> {
  const file = readComposeFile(join(root, 'docker-compose.yml'));
  const ports = await reservePorts(findPorts(file));
  print(`docker-compose.yml, from ${engine.description}:`);
  const { running, stop } = await runServices({ engine, services: planServices(file, ports), print });
  const base = `http://localhost:${ports.get(3000)}`;
  // as the file's first lines say
  const exec = (service: string, ...args: string[]) =>
    (running.get(service) as Running).execute(['/paperlift/start.sh', ...args]);
  const tokenOf = async (email: string) => (await exec('stand-ins', 'local', 'token', email)).trim();
  let failed = 0;
  try {
    await checkAudit();
    const results = await runChecks({
      base,
      tokenOf,
      ...(values.only ? { only: values.only } : {}),
      onResult({ name, ms, error }) {
        print(`${error ? 'FAILED' : 'ok'}  ${name} (${ms} ms)`);
        if (error) print(String(error.stack).replaceAll(/^/gm, '        '));
      },
    });
    failed = results.filter(({ error }) => error).length;
    print(`${results.length - failed} of ${results.length} checks passed through docker-compose.yml`);
    for (const [service, { lines }] of failed > 0 ? running : []) {
      print(`Last output of ${service}:\n  ${lines.slice(-15).join('\n  ')}`);
    }
  } finally {
    failed += countFailedStops(await stop());
  }
  if (failed > 0) throw new Error(`docker-compose.yml: ${failed} failures`);

  /** A new project has a trail that can be verified. */
  async function checkAudit(): Promise<void> {
    const answer = await fetch(`${base}/api/v1/projects`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await tokenOf('alice@example.com')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ name: 'Audited' }),
    });
    const project = (await answer.json()) as { id: string };
    const output = await exec('web', 'audit', 'verify', project.id);
    print(`ok  audit verify: ${output.trim().split('\n')[0]}`);
  }
}

async function checkOnPrem({ engine, directory }: Prepared): Promise<void> {
  const file = readComposeFile(join(root, 'docker-compose.onprem.yml'), {
    PAPERLIFT_HOST: 'paperlift.example.com',
    IDENTITY_HOST: 'sign-in.example.com',
    FILES_HOST: 'files.example.com',
    STORAGE_ACCESS_KEY: 'made-up',
    STORAGE_SECRET_KEY: 'made-up-too',
  });
  const ports = await reservePorts(findPorts(file));
  const portOf = (port: number) => ports.get(port) as number;
  await mkdir(join(directory, secretsFolder));
  for (const name of Object.keys(file.secrets)) {
    const content = name === 'session-secret' ? 'not a secret, but as long as one has to be\n' : '';
    await writeFile(join(directory, secretsFolder, name), content);
  }
  const stopEngines = await startEngines({
    directory,
    ports: { s3: portOf(8333), queues: portOf(9324), database: portOf(8000) },
  });
  try {
    print(`docker-compose.onprem.yml, from ${engine.description}, with stand-ins for the engines:`);
    const { running, stop } = await runServices({ engine, services: planServices(file, ports), print });
    for (const line of running.get('setup')?.lines ?? []) print(`    ${line}`);
    const failed = countFailedStops(await stop());
    if (failed > 0) throw new Error(`docker-compose.onprem.yml: ${failed} services failed to stop`);
  } finally {
    await stopEngines();
  }
}

function countFailedStops(codes: Record<string, number | null>): number {
  const wrong = Object.entries(codes).filter(([, code]) => code !== 0);
  for (const [service, code] of wrong) print(`FAILED  ${service} ended with ${code}`);
  return wrong.length;
}
