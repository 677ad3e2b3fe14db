import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import { parseComposeFile } from '../../scripts/compose/compose-file.ts';
import { findMistakes } from '../../scripts/compose/mistakes.ts';
import { findSchemaMistakes } from '../../scripts/compose/schema.ts';

const directory = resolve(import.meta.dirname, '../..');
const read = (name: string) => readFileSync(resolve(directory, name), 'utf8');
const local = read('docker-compose.yml');
const onPrem = read('docker-compose.onprem.yml');

/** The mistakes of a file in which the first occurrence of a text was replaced. */
function mistakesWith(file: string, text: string, replacement: string): string[] {
  assert.ok(file.includes(text), `there is no ${text}`);
  const { document, ...parsed } = parseComposeFile(file.replace(text, () => replacement));
  const expected = file === local ? { foreignImages: false } : { foreignImages: true, proxy: 'proxy' };
  return [
    ...findSchemaMistakes(document),
    ...findMistakes({ document, ...parsed }, { directory, ...expected }),
  ];
}

const broken: [name: string, file: string, text: string, replacement: string, mistake: string][] = [
  [
    'a key that Compose does not know',
    local,
    'read_only: true',
    'readonly: true',
    'additional properties (readonly)',
  ],
  ['a stage that is not in the Dockerfile', local, 'target: local', 'target: locla', 'no stage locla'],
  ['an image of somebody else’s', local, 'build: { context: ., target: local }', '', 'is not built here'],
  ['an image that moves', onPrem, 'caddy:2.11.3', 'caddy:2', 'caddy:2 is not pinned'],
  ['an image without a tag', onPrem, 'postgres:18.6', 'postgres', 'postgres is not pinned'],
  [
    'a port for the whole network',
    local,
    '127.0.0.1:4566:4566',
    '4566:4566',
    'port 4566 is published on 0.0.0.0',
  ],
  [
    'a port beside the proxy’s',
    onPrem,
    "volumes: ['s3:/data']",
    "volumes: ['s3:/data']\n    ports: ['8333:8333']",
    's3: port 8333',
  ],
  [
    'an order by start only',
    local,
    'stand-ins: { condition: service_healthy }',
    'stand-ins: { condition: service_started }',
    'does not wait until stand-ins is healthy',
  ],
  [
    'a wait for nobody',
    local,
    'textract: { condition: service_healthy }',
    'tesseract: { condition: service_healthy }',
    'depends on tesseract',
  ],
  [
    'a wait for health that nobody checks',
    onPrem,
    "      test: [CMD-SHELL, 'pg_isready --username keycloak --dbname keycloak']\n",
    '',
    'waits for keycloak-database, which has no health check',
  ],
  [
    'a wait for an end that never comes',
    onPrem,
    "restart: 'no'",
    'restart: always',
    'waits for setup to complete',
  ],
  [
    'a variable that nobody reads',
    local,
    'SIGN_INS_PER_MINUTE',
    'SIGNINS_PER_MINUTE',
    'web: SIGNINS_PER_MINUTE is never read',
  ],
  ['a word that the image has not', local, 'command: [web]', 'command: [wbe]', 'unknown word wbe'],
  [
    'a host that is not there',
    local,
    'http://textract:4570',
    'http://tesseract:4570',
    'TEXTRACT_ENDPOINT names tesseract',
  ],
  [
    'a secret in the file',
    onPrem,
    'POSTGRES_USER: keycloak',
    'POSTGRES_USER: keycloak\n      PGPASSWORD: hunter2',
    'PGPASSWORD is a secret',
  ],
  [
    'too little time to drain',
    local,
    'stop_grace_period: 30s',
    'stop_grace_period: 5s',
    'web: is killed after only 5 s',
  ],
  [
    'a volume that is not declared',
    local,
    "'stand-ins:/data'",
    "'standins:/data'",
    'the volume standins is not declared',
  ],
  [
    'an address that nobody publishes',
    local,
    '127.0.0.1:4569:4569',
    '127.0.0.1:4579:4569',
    'SAML_ENTRY_POINT leads to http://localhost:4569',
  ],
  [
    'a file that is not mounted',
    local,
    "volumes: ['shared:/shared:ro']",
    'volumes: []',
    'web: SESSION_SECRET_FILE names /shared/session-secret',
  ],
  [
    'a secret that it is not given',
    onPrem,
    'secrets: [session-secret, authorities]',
    'secrets: [session-secret]',
    'web: NODE_EXTRA_CA_CERTS names /run/secrets/authorities',
  ],
  ['no place to write to', local, "tmpfs: ['/tmp:size=2g,mode=1777']", '', 'web: has no /tmp to write to'],
  [
    'a volume that nobody uses',
    local,
    "'identity-provider:/data', ",
    '',
    'volume identity-provider: not used by any service',
  ],
  [
    'a file that is not there',
    onPrem,
    './onprem/elasticmq.conf',
    './onprem/elastic.conf',
    './onprem/elastic.conf does not exist',
  ],
  [
    'a file that it may change',
    onPrem,
    '/etc/caddy/Caddyfile:ro',
    '/etc/caddy/Caddyfile',
    'can change ./onprem/Caddyfile',
  ],
  [
    'a secret that is not declared',
    onPrem,
    'secrets: [tls-certificate, tls-key]',
    'secrets: [tls-certificate, tls]',
    'the secret tls is not declared',
  ],
  ['privileges to gain', local, "security_opt: ['no-new-privileges:true']", '', 'web: can gain privileges'],
  ['capabilities', local, 'cap_drop: [ALL]', '', 'web: keeps capabilities'],
  [
    'a root file system to write to',
    local,
    'read_only: true',
    'read_only: false',
    'web: can write to its root file system',
  ],
  [
    'the network of the machine',
    local,
    'command: [worker]',
    'command: [worker]\n    network_mode: host',
    'uses the host network',
  ],
  [
    'the engine in its hands',
    local,
    "['shared:/shared:ro']",
    "['/var/run/docker.sock:/var/run/docker.sock:ro']",
    'can control the container engine',
  ],
  ['a service that stays down', local, 'restart: unless-stopped', "restart: 'no'", 'web: does not restart'],
];

describe('a Compose file is refused with', () => {
  for (const [name, file, text, replacement, mistake] of broken) {
    test(name, () => {
      const mistakes = mistakesWith(file, text, replacement);
      assert.ok(
        mistakes.some((line) => line.includes(mistake)),
        `none of these says “${mistake}”:\n${mistakes.join('\n')}`,
      );
    });
  }
});
