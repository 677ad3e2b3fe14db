// Reads a Compose file as `docker compose` does: merge keys, variables, short forms expanded.
// https://github.com/compose-spec/compose-spec/blob/main/spec.md
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export interface Service {
  name: string;
  image?: string;
  build?: { context: string; target?: string };
  /** Arguments; the image's own when missing. */
  command?: string[];
  entrypoint?: string[];
  environment: Record<string, string>;
  ports: { host: string; published: string; target: number }[];
  volumes: { source: string; target: string; readOnly: boolean }[];
  secrets: string[];
  configs: string[];
  dependsOn: { name: string; condition: string }[];
  /** `patienceSeconds`: how long it may take until the first check passes. */
  healthcheck?: { test: string[]; patienceSeconds: number };
  restart: string;
  stopGraceSeconds: number;
  readOnly: boolean;
  tmpfs: string[];
  capDrop: string[];
  capAdd: string[];
  securityOpt: string[];
  privileged: boolean;
  networkMode?: string;
  networks: string[];
  /** Its further names on each network. */
  aliases: Record<string, string[]>;
  profiles: string[];
}

export interface ComposeFile {
  /** As it was parsed, for the schema. */
  document: Record<string, unknown>;
  services: Service[];
  networks: string[];
  volumes: string[];
  secrets: Record<string, { file?: string; environment?: string }>;
  configs: Record<string, { file?: string }>;
}

/** Throws YAMLParseError. `env` gives the variables' values; one that is required and missing becomes `<NAME>`. */
export function readComposeFile(file: string, env: Record<string, string> = {}): ComposeFile {
  return readComposeFiles([file], env);
}

/** Several files, each of which changes those before it. */
export function readComposeFiles(files: string[], env: Record<string, string> = {}): ComposeFile {
  const documents = files.map((file) => parseDocument(readFileSync(file, 'utf8'), env));
  return presentFile(documents.reduce(mergeDocuments));
}

/** The same with a file's content. */
export function parseComposeFile(text: string, env: Record<string, string> = {}): ComposeFile {
  return presentFile(parseDocument(text, env));
}

function parseDocument(text: string, env: Record<string, string>): Raw {
  return interpolate(parse(text, { merge: true }), env) as Raw;
}

/** Mappings are merged; of anything else, the later file's counts. */
function mergeDocuments(one: Raw, other: Raw): Raw {
  const merged = { ...one };
  for (const [name, value] of Object.entries(other)) {
    merged[name] = isMapping(one[name]) && isMapping(value) ? mergeDocuments(one[name], value) : value;
  }
  return merged;
}

const isMapping = (value: unknown): value is Raw =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

function presentFile(document: Raw): ComposeFile {
  return {
    document,
    services: Object.entries<Raw>(document.services ?? {}).map(([name, service]) => present(name, service)),
    networks: Object.keys(document.networks ?? {}),
    volumes: Object.keys(document.volumes ?? {}),
    secrets: document.secrets ?? {},
    configs: document.configs ?? {},
  };
}

// biome-ignore lint/suspicious/noExplicitAny: the schema has checked the content
type Raw = Record<string, any>;

function present(name: string, raw: Raw): Service {
  const networks: Raw = Array.isArray(raw.networks)
    ? Object.fromEntries(raw.networks.map((network: string) => [network, null]))
    : (raw.networks ?? {});
  return {
    name,
    ...(raw.image && { image: raw.image }),
    ...(raw.build && { build: typeof raw.build === 'string' ? { context: raw.build } : raw.build }),
    ...(raw.command && { command: toArguments(raw.command) }),
    ...(raw.entrypoint && { entrypoint: toArguments(raw.entrypoint) }),
    environment: toMap(raw.environment),
    ports: (raw.ports ?? []).map(toPort),
    volumes: (raw.volumes ?? []).map(toVolume),
    secrets: (raw.secrets ?? []).map((secret: string | Raw) =>
      typeof secret === 'string' ? secret : secret.source,
    ),
    configs: (raw.configs ?? []).map((config: string | Raw) =>
      typeof config === 'string' ? config : config.source,
    ),
    dependsOn: Array.isArray(raw.depends_on)
      ? raw.depends_on.map((other: string) => ({ name: other, condition: 'service_started' }))
      : Object.entries<Raw>(raw.depends_on ?? {}).map(([other, { condition }]) => ({
          name: other,
          condition,
        })),
    ...(raw.healthcheck?.test && { healthcheck: toHealthcheck(raw.healthcheck) }),
    restart: raw.restart ?? 'no',
    stopGraceSeconds: toSeconds(raw.stop_grace_period ?? '10s'),
    readOnly: raw.read_only ?? false,
    tmpfs: [raw.tmpfs ?? []].flat(),
    capDrop: raw.cap_drop ?? [],
    capAdd: raw.cap_add ?? [],
    securityOpt: raw.security_opt ?? [],
    privileged: raw.privileged ?? false,
    ...(raw.network_mode && { networkMode: raw.network_mode }),
    networks: Object.keys(networks),
    aliases: Object.fromEntries(
      Object.entries<Raw>(networks).map(([name, network]) => [name, network?.aliases ?? []]),
    ),
    profiles: raw.profiles ?? [],
  };
}

const toArguments = (command: string | string[]) =>
  typeof command === 'string' ? command.split(/\s+/) : command;

const toTest = (test: string | string[]) => (typeof test === 'string' ? ['CMD-SHELL', test] : test);

/** https://github.com/compose-spec/compose-spec/blob/main/05-services.md#healthcheck */
function toHealthcheck({ test, start_period = '0s', interval = '30s', retries = 3 }: Raw) {
  const patienceSeconds = toSeconds(start_period) + retries * toSeconds(interval);
  return { test: toTest(test), patienceSeconds };
}

function toMap(environment: Raw | string[] | undefined): Record<string, string> {
  const pairs = Array.isArray(environment)
    ? environment.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
    : Object.entries(environment ?? {});
  return Object.fromEntries(pairs.map(([name, value]) => [name, value === null ? '' : String(value)]));
}

/** `[host:]published:target[/protocol]`, the host `0.0.0.0` when there is none. */
function toPort(port: string | number | Raw) {
  if (typeof port === 'object') {
    return { host: port.host_ip ?? '0.0.0.0', published: String(port.published ?? ''), target: port.target };
  }
  const parts = String(port)
    .replace(/\/(tcp|udp)$/, '')
    .split(':');
  return {
    host: parts.at(-3) ?? '0.0.0.0',
    published: parts.at(-2) ?? '',
    target: Number(parts.at(-1)),
  };
}

function toVolume(volume: string | Raw) {
  if (typeof volume === 'object') {
    return {
      source: volume.source ?? '',
      target: volume.target,
      readOnly: volume.read_only ?? false,
    };
  }
  const [source = '', target = '', mode = ''] = volume.split(':');
  return { source, target, readOnly: mode.split(',').includes('ro') };
}

function toSeconds(duration: string): number {
  const units: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 0.001 };
  return [...duration.matchAll(/(\d+)(ms|[hms])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (units[unit as string] ?? 0),
    0,
  );
}

/** `${NAME}`, `${NAME:-fallback}`, `${NAME:?why}` and `$$`, in every string. */
function interpolate(value: unknown, env: Record<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => interpolate(item, env));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, interpolate(item, env)]));
  }
  if (typeof value !== 'string') return value;
  const pattern = /\$(?:(\$)|\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-?])([^}]*))?\}|([A-Za-z_][A-Za-z0-9_]*))/g;
  return value.replace(pattern, (_all, dollar, braced, operator = '', rest = '', bare) => {
    if (dollar) return '$';
    const name = (braced ?? bare) as string;
    return env[name] || (operator.endsWith('-') ? rest : operator.endsWith('?') ? `<${name}>` : '');
  });
}
