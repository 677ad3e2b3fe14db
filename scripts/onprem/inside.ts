// The part of `npm run onprem:check` that runs in namespaces of its own: installs Paperlift as docs/on-prem.md says, tries
// it, and prints what was found.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { argv } from 'node:process';
import { stringify } from 'yaml';
import { backupPart } from '../../test/onprem/backup.part.ts';
import { faultsPart } from '../../test/onprem/faults.part.ts';
import { createKeycloak } from '../../test/onprem/keycloak.ts';
import { parityPart } from '../../test/onprem/parity.part.ts';
import type { Finding, Part, Surroundings } from '../../test/onprem/part.ts';
import { createPeople } from '../../test/onprem/people.ts';
import { restartsPart } from '../../test/onprem/restarts.part.ts';
import { searchPart } from '../../test/onprem/search.part.ts';
import { signInPart } from '../../test/onprem/sign-in.part.ts';
import { uploadsPart } from '../../test/onprem/uploads.part.ts';
import { readComposeFile } from '../compose/compose-file.ts';
import { hashOfKey } from './certificates.ts';
import { serveDocker } from './docker-command.ts';
import { createShell, readCommands } from './documented-commands.ts';
import { presentFindings } from './findings.ts';
import { createNetworks } from './networks.ts';
import { createStack } from './stack.ts';

const parts: Part[] = [parityPart, uploadsPart, restartsPart, backupPart, signInPart, searchPart, faultsPart];
const [directory = '', only = ''] = argv.slice(2);
const root = '/opt/paperlift';
const print = (line: string) => process.stdout.write(`${line}\n`);
const startedAt = performance.now();
const seconds = (since: number) => ((performance.now() - since) / 1000).toFixed(1);

const names = {
  PAPERLIFT_HOST: 'paperlift.example.com',
  IDENTITY_HOST: 'sign-in.example.com',
  FILES_HOST: 'paperlift-files.example.com',
};
const file = readComposeFile(join(root, 'docker-compose.onprem.yml'), names);
const networks = await createNetworks(file);
await writeFile('/etc/hosts', networks.publicHosts());
const stack = createStack({ networks, root, directory, print });
const failures: string[] = [];
try {
  const surroundings = await install();
  const findings = await runParts(surroundings);
  await stack.stop();
  print(presentFindings(findings, await Promise.all(file.services.map(({ name }) => describeEngine(name)))));
} catch (error) {
  failures.push((error as Error).stack as string);
}
for (const failure of failures) print(`FAILED  ${failure}`);
print(failures.length > 0 ? `${failures.length} failures` : `On-prem passes (${seconds(startedAt)} s)`);
process.exit(failures.length > 0 ? 1 : 0);

async function describeEngine(name: string) {
  const { engine, version } = await stack.contentsOf(name);
  const isOurs = file.services.some((service) => service.name === name && service.build);
  return isOurs
    ? { service: name, engine: `${engine}’s ${name}`, version: 'this source tree' }
    : { service: name, engine, version };
}

/** By the documentation's commands, up to the first people. */
async function install(): Promise<Surroundings> {
  const socket = join(directory, 'docker.sock');
  await serveDocker(socket, { stack, project: String(file.document.name), directory });
  const secrets = [
    'STORAGE_ACCESS_KEY',
    'STORAGE_SECRET_KEY',
    'KEYCLOAK_DATABASE_PASSWORD',
    'KEYCLOAK_ADMIN_PASSWORD',
  ];
  const certificate = join(directory, 'certificates/certificate.pem');
  const shell = await createShell({
    directory,
    socket,
    edits: secrets.map((name) => `s|^${name}=$|${name}=${secretOf(name)}|`).join(';'),
    placeholders: {
      'your certificate with its chain': certificate,
      'its key': join(directory, 'certificates/key.pem'),
      'the certificate of the authority that signed it': join(directory, 'certificates/authority.pem'),
    },
  });
  for (const block of readCommands('From an empty server to the first page')) {
    if (/git clone/.test(block)) continue; // it is here already
    const said = await shell(block, root);
    if (said.trim()) print(said.trim().replaceAll(/^/gm, '    '));
  }
  const addresses = {
    paperlift: `https://${names.PAPERLIFT_HOST}`,
    identity: `https://${names.IDENTITY_HOST}`,
    files: `https://${names.FILES_HOST}`,
  };
  const keycloak = createKeycloak({
    base: addresses.identity,
    adminPassword: secretOf('KEYCLOAK_ADMIN_PASSWORD'),
  });
  await createPeople(keycloak);
  const inside = (service: string, port: number) => `http://${networks.addressOf(service, 'inside')}:${port}`;
  const engines = {
    s3: inside('s3', 8333),
    sqs: inside('queues', 9324),
    database: inside('database', 8000),
    accessKeyId: secretOf('STORAGE_ACCESS_KEY'),
    secretAccessKey: secretOf('STORAGE_SECRET_KEY'),
  };
  const environment: Record<string, string> = {};
  print(`ok  installed by the commands of docs/on-prem.md (${seconds(startedAt)} s)`);
  const proxyKey = hashOfKey(certificate);
  return { stack, shell, keycloak, addresses, engines, proxyKey, configure, directory, print };

  async function configure(more: Record<string, string>): Promise<void> {
    Object.assign(environment, more);
    const own = { services: { web: { environment }, worker: { environment } } };
    await writeFile('/etc/paperlift/own.yml', stringify(own));
    await shell(`paperlift-compose -f /etc/paperlift/own.yml up --detach`);
  }
}

function secretOf(name: string): string {
  return `${name.toLowerCase().replaceAll('_', '-')}-of-the-check`;
}

async function runParts(surroundings: Surroundings): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const part of parts.filter(({ name }) => only.split(',').some((word) => name.includes(word)))) {
    const since = performance.now();
    print(`${part.name}:`);
    try {
      findings.push(...(await part.run(surroundings)));
      print(`ok  ${part.name} (${seconds(since)} s)`);
    } catch (error) {
      failures.push(part.name);
      print(`FAILED  ${part.name} (${seconds(since)} s): ${(error as Error).stack}`);
    }
  }
  return findings;
}
