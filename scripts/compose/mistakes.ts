// Checks what a Compose file's schema cannot: that it matches the Dockerfile and the configuration, and exposes nothing
// by default.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ComposeFile, Service } from './compose-file.ts';

export interface Expectations {
  /** The folder of the Compose file. */
  directory: string;
  /** Images built elsewhere may be used if pinned. */
  foreignImages: boolean;
  /** The only service that other machines may reach. */
  proxy?: string;
}

/** A line for each mistake. */
export function findMistakes(file: ComposeFile, expected: Expectations): string[] {
  const names = file.services.map(({ name }) => name);
  const stages = readStages(resolve(expected.directory, 'Dockerfile'));
  const used = new Set(file.services.flatMap(({ volumes }) => volumes.map(({ source }) => source)));
  return [
    ...file.services.flatMap((service) =>
      [
        ...findImageMistakes(service, stages, expected),
        ...findPortMistakes(service, expected),
        ...findOrderMistakes(service, file.services),
        ...findEnvironmentMistakes(service, names),
        ...findAddressMistakes(service, file.services),
        ...findPathMistakes(service),
        ...findMountMistakes(service, file, expected),
        ...findHardeningMistakes(service),
      ].map((mistake) => `${service.name}: ${mistake}`),
    ),
    ...file.volumes
      .filter((volume) => !used.has(volume))
      .map((volume) => `volume ${volume}: not used by any service`),
  ];
}

/** The names of a Dockerfile's stages. */
function readStages(dockerfile: string): string[] {
  const matches = readFileSync(dockerfile, 'utf8').matchAll(/^FROM\s+\S+\s+AS\s+(\S+)/gim);
  return [...matches].map(([, stage]) => stage as string);
}

function findImageMistakes({ image, build }: Service, stages: string[], { foreignImages }: Expectations) {
  if (build) {
    if (build.context !== '.') return [`is built from ${build.context}, not from here`];
    return build.target && !stages.includes(build.target)
      ? [`the Dockerfile has no stage ${build.target}`]
      : [];
  }
  if (!foreignImages) return ['is not built here'];
  const tag = /:([^/:@]+)(@sha256:[0-9a-f]{64})?$/.exec(image ?? '')?.[1];
  // a tag of one number moves with every release; some projects have only two
  const pinned = /^\d+\.\d+(\.\d+)*$|@sha256:/.test(tag ?? '');
  return pinned ? [] : [`the image ${image} is not pinned to a release`];
}

function findPortMistakes({ name, ports }: Service, { proxy }: Expectations): string[] {
  if (name === proxy) return [];
  return ports
    .filter(({ host }) => host !== '127.0.0.1')
    .map(({ host, target }) => `port ${target} is published on ${host}: other machines can reach it`);
}

function findOrderMistakes({ dependsOn, healthcheck, restart }: Service, services: Service[]): string[] {
  const mistakes = dependsOn.flatMap(({ name, condition }) => {
    const other = services.find((service) => service.name === name);
    if (!other) return [`depends on ${name}, which does not exist`];
    if (condition === 'service_healthy' && !other.healthcheck)
      return [`waits for ${name}, which has no health check`];
    if (
      condition === 'service_completed_successfully' &&
      ['always', 'unless-stopped'].includes(other.restart)
    )
      return [`waits for ${name} to complete, but ${name} restarts forever`];
    return condition === 'service_started' ? [`does not wait until ${name} is healthy`] : [];
  });
  const runsOn = ['always', 'unless-stopped'].includes(restart);
  return runsOn && !healthcheck ? [...mistakes, 'has no health check'] : mistakes;
}

/** The sources of our own programs' variables, by argument. */
const product = ['environment', 'search.config', 'telemetry.config'].map((name) => `src/config/${name}.ts`);
const readers: Record<string, { sources: string[]; grace?: number }> = {
  web: { sources: product, grace: 30 },
  worker: { sources: product, grace: 30 },
  setup: { sources: product },
  textract: { sources: ['src/local/textract/textract.config.ts'] },
  local: { sources: ['src/local/service.config.ts'] },
};

/** Read by the AWS SDK and by Node themselves. */
const readByLibraries = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_REGION',
  'NODE_EXTRA_CA_CERTS',
];

function findEnvironmentMistakes(service: Service, names: string[]): string[] {
  const { environment, build, command, stopGraceSeconds } = service;
  const mistakes: string[] = [];
  const reader = build ? readers[command?.[0] ?? 'web'] : undefined;
  if (build && !reader) mistakes.push(`unknown word ${command?.[0]}`);
  if (reader) {
    const known = new Set([...reader.sources.flatMap(readVariables), ...readByLibraries]);
    const unknown = Object.keys(environment).filter((name) => !known.has(name));
    mistakes.push(...unknown.map((name) => `${name} is never read`));
    if (stopGraceSeconds < (reader.grace ?? 0)) mistakes.push(`is killed after only ${stopGraceSeconds} s`);
  }
  for (const [name, value] of Object.entries(environment)) {
    for (const [, host = ''] of value.matchAll(/\bhttps?:\/\/([a-z0-9-]+)(?=[:/]|$)/g)) {
      if (host !== 'localhost' && !names.includes(host))
        mistakes.push(`${name} names ${host}, which does not exist`);
    }
    const secret = /(SECRET|PASSWORD|PRIVATE_KEY|ACCESS_KEY)/.test(name) && !/_(FILE|ID)$/.test(name);
    if (secret && value && value !== 'local' && !value.startsWith('<'))
      mistakes.push(`${name} is a secret, but is in the file`);
  }
  return mistakes;
}

/** A URL for browsers on this machine needs a published port. */
function findAddressMistakes({ environment }: Service, services: Service[]): string[] {
  const published = services.flatMap(({ ports }) => ports.map((port) => port.published));
  return Object.entries(environment).flatMap(([name, value]) =>
    [...value.matchAll(/\bhttps?:\/\/localhost:(\d+)/g)]
      .filter(([, port = '']) => !published.includes(port))
      .map(([address]) => `${name} leads to ${address}, but no service publishes that port`),
  );
}

/** Files that our programs read must exist, and folders that they write must be writable. */
function findPathMistakes({ build, environment, volumes, secrets, readOnly, tmpfs }: Service): string[] {
  if (!build) return [];
  const there = [
    '/tmp',
    ...volumes.map(({ target }) => target),
    ...secrets.map((secret) => `/run/secrets/${secret}`),
  ];
  const missing = Object.entries(environment)
    .filter(([, value]) => value.startsWith('/'))
    .filter(([, value]) => !there.some((place) => value === place || value.startsWith(`${place}/`)))
    .map(([name, value]) => `${name} names ${value}, where nothing is mounted`);
  const hasPlace = tmpfs.some((place) => place.split(':')[0] === '/tmp');
  return readOnly && !hasPlace ? [...missing, 'has no /tmp to write to'] : missing;
}

/** The variables in a source that reads them by a zod object. */
function readVariables(source: string): string[] {
  const text = readFileSync(resolve(import.meta.dirname, '../..', source), 'utf8');
  return [...text.matchAll(/(?:^|[{,]) *([A-Z][A-Z0-9_]{2,}): /gm)].map(([, name]) => name as string);
}

function findMountMistakes(service: Service, file: ComposeFile, { directory }: Expectations): string[] {
  const mistakes: string[] = [];
  for (const { source, readOnly, target } of service.volumes) {
    if (/docker\.sock/.test(source)) mistakes.push('can control the container engine');
    if (!/^[./~]/.test(source)) {
      if (!file.volumes.includes(source)) mistakes.push(`the volume ${source} is not declared`);
    } else {
      if (!existsSync(resolve(directory, source))) mistakes.push(`${source} does not exist`);
      if (!readOnly) mistakes.push(`can change ${source}, mounted at ${target}`);
    }
  }
  for (const [kind, wanted, declared] of [
    ['secret', service.secrets, file.secrets],
    ['config', service.configs, file.configs],
  ] as const) {
    for (const name of wanted.filter((name) => !declared[name]))
      mistakes.push(`the ${kind} ${name} is not declared`);
  }
  for (const name of service.configs) {
    const path = file.configs[name]?.file;
    if (path && !existsSync(resolve(directory, path))) mistakes.push(`${path} does not exist`);
  }
  return mistakes;
}

function findHardeningMistakes(service: Service): string[] {
  const { build, privileged, networkMode, securityOpt, readOnly, capDrop, restart } = service;
  return [
    ...(privileged ? ['is privileged'] : []),
    ...(networkMode === 'host' ? ['uses the host network'] : []),
    ...(securityOpt.includes('no-new-privileges:true') ? [] : ['can gain privileges']),
    // third-party images write anywhere, and some change users themselves
    ...(build && !capDrop.includes('ALL') ? ['keeps capabilities that it does not need'] : []),
    ...(build && !readOnly ? ['can write to its root file system'] : []),
    ...(build && service.capAdd.length > 0 ? [`has the capabilities ${service.capAdd.join(', ')}`] : []),
    ...(restart === 'no' && !service.profiles.length && !isOnce(service) ? ['does not restart'] : []),
  ];
}

/** A service that runs once and exits. */
const isOnce = ({ command }: Service) => command?.[0] === 'setup';
