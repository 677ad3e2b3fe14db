// What runs in place of each image, where no container engine can pull them: the same program from a package manager. This
// table is all that differs from the Compose file. `version` is the package's where it is not the image's tag.
import { join, resolve } from 'node:path';
import { runCommand } from '../image/command.ts';
import { nodeProgram, obtainOpenSearch } from '../search/open-search.ts';
import type { Mount } from './container.ts';
import { obtainCargoProgram } from './obtain/cargo.ts';
import { installPackages } from './obtain/debian.ts';
import { obtainGoProgram } from './obtain/go.ts';
import { obtainDistribution, obtainJars } from './obtain/maven.ts';

/** What an image would bring. */
export interface Contents {
  engine: string;
  version: string;
  /** Where it comes from. */
  origin: string;
  mounts: Mount[];
  entrypoint: string[];
  /** The image's own arguments, for services that name none. */
  command?: string[];
  env?: Record<string, string>;
  /** `uid:gid`; root when missing. */
  user?: string;
  /** Folders that belong to that user. */
  owned?: string[];
  /** SIGTERM when missing. */
  stopSignal?: NodeJS.Signals;
}

/** By the image's name without its tag. */
export const packages: Record<string, (tag: string) => Promise<Contents>> = {
  caddy: async (tag) => {
    const module = 'github.com/caddyserver/caddy/v2';
    const folder = await obtainGoProgram({ module, version: `v${tag}`, folder: 'cmd/caddy' });
    return {
      engine: 'Caddy',
      version: tag,
      origin: `Go module ${module}`,
      mounts: [{ source: join(folder, 'program'), target: '/usr/bin/caddy', isFile: true, readOnly: true }],
      entrypoint: [],
      command: ['caddy', 'run', '--config', '/etc/caddy/Caddyfile', '--adapter', 'caddyfile'],
      env: { XDG_CONFIG_HOME: '/config', XDG_DATA_HOME: '/data' },
    };
  },

  'chrislusf/seaweedfs': async () => {
    const module = 'github.com/seaweedfs/seaweedfs';
    // the only version that is served; newer than the tag
    const version = 'v0.0.0-20261109003541-7506e5f91cd6';
    const entrypoint = 'docker/entrypoint.sh';
    const folder = await obtainGoProgram({ module, version, folder: 'weed', alsoKeep: entrypoint });
    const program = join(folder, 'program');
    const said = await runCommand(program, ['version']);
    return {
      engine: 'SeaweedFS',
      version: `${/\d+\.\d+/.exec(said)?.[0]} (${version.slice(-12)})`,
      origin: `Go module ${module}`,
      mounts: [
        { source: program, target: '/usr/bin/weed', isFile: true, readOnly: true },
        { source: join(folder, 'entrypoint.sh'), target: '/entrypoint.sh', isFile: true, readOnly: true },
      ],
      // the image's own, past the part that changes from root to its user
      entrypoint: ['/bin/sh', '/entrypoint.sh'],
      user: '1000:1000',
      owned: ['/data'],
    };
  },

  'ghcr.io/nubo-db/dynoxide': async (tag) => {
    const crate = {
      crate: 'dynoxide-rs',
      version: '3.2.0',
      features: ['native-sqlite', 'http-server', 'cli'],
    };
    const program = join(await obtainCargoProgram(crate), 'bin/dynoxide');
    const version = (await runCommand(program, ['--version'])).trim().split(' ').at(-1) as string;
    if (version !== tag)
      throw new Error(`${crate.crate} ${crate.version} is Dynoxide ${version}, not ${tag}`);
    return {
      engine: 'Dynoxide',
      version,
      origin: `Rust crate ${crate.crate} ${crate.version}`,
      mounts: [{ source: program, target: '/usr/local/bin/dynoxide', isFile: true, readOnly: true }],
      entrypoint: ['/usr/local/bin/dynoxide'],
    };
  },

  'softwaremill/elasticmq': async (tag) => {
    const artifact = { group: 'org.elasticmq', artifact: 'elasticmq-server_2.13', version: tag };
    return {
      engine: 'ElasticMQ',
      version: tag,
      origin: `Maven artifact ${artifact.group}:${artifact.artifact}`,
      mounts: [{ source: await obtainJars(artifact), target: '/opt/elasticmq/lib', readOnly: true }],
      entrypoint: [
        'java',
        '-Dconfig.file=/opt/elasticmq.conf',
        '-cp',
        '/opt/elasticmq/lib/*',
        'org.elasticmq.server.Main',
      ],
      user: '1001:0',
    };
  },

  'opensearchproject/opensearch': async (tag) => ({
    engine: 'OpenSearch',
    version: tag,
    origin: 'Maven artifact org.opensearch:opensearch',
    mounts: [
      { source: await obtainOpenSearch(tag), target: '/usr/share/opensearch/lib', readOnly: true },
      { source: nodeProgram, target: '/usr/share/opensearch/SearchNode.java', isFile: true, readOnly: true },
      {
        source: resolve(import.meta.dirname, 'start-opensearch.sh'),
        target: '/usr/share/opensearch/start.sh',
        isFile: true,
        readOnly: true,
      },
    ],
    entrypoint: ['/bin/sh', '/usr/share/opensearch/start.sh'],
    user: '1000:1000',
    owned: ['/usr/share/opensearch/data'],
  }),

  'quay.io/keycloak/keycloak': async () => {
    // 26.7.4 is not served
    const artifact = { group: 'org.keycloak', artifact: 'keycloak-quarkus-dist', version: '26.7.3' };
    return {
      engine: 'Keycloak',
      version: artifact.version,
      origin: `Maven artifact ${artifact.group}:${artifact.artifact}`,
      mounts: [{ source: await obtainDistribution(artifact), target: '/opt/keycloak', layered: true }],
      entrypoint: ['/opt/keycloak/bin/kc.sh'],
      user: '1000:0',
      owned: ['/opt/keycloak/data', '/opt/keycloak/lib/quarkus', '/opt/keycloak/conf'],
    };
  },

  postgres: async () => {
    const version = await installPackages('postgresql-15');
    return {
      engine: 'PostgreSQL',
      version: version.split('-')[0] as string,
      origin: 'Debian package postgresql-15',
      mounts: [
        {
          source: resolve(import.meta.dirname, 'start-postgres.sh'),
          target: '/usr/local/bin/start-postgres.sh',
          isFile: true,
          readOnly: true,
        },
      ],
      entrypoint: ['/bin/sh', '/usr/local/bin/start-postgres.sh'],
      env: { PATH: '/usr/lib/postgresql/15/bin:/usr/bin:/bin' },
      stopSignal: 'SIGINT',
    };
  },
};
