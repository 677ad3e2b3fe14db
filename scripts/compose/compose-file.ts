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
  healthcheck?: { test: string[] };
  restart: string;
  stopGraceSeconds: number;
  readOnly: boolean;
  tmpfs: string[];
  capDrop: string[];
  capAdd: string[];
  securityOpt: string[];
  privileged: boolean;
  networkMode?: string;
  aliases: string[];
  profiles: string[];
}

export interface ComposeFile {
  /** As it was parsed, for the schema. */
  document: Record<string, unknown>;
  services: Service[];
  volumes: string[];
  secrets: Record<string, { file?: string; environment?: string }>;
  configs: Record<string, { file?: string }>;
}

/** Throws YAMLParseError. `env` gives the variables' values; one that is required and missing becomes `<NAME>`. */
export function readComposeFile(file: string, env: Record<string, string> = {}): ComposeFile {
  return parseComposeFile(readFileSync(file, 'utf8'), env);
}

/** The same with the file's content. */
export function parseComposeFile(text: string, env: Record<string, string> = {}): ComposeFile {
  const document = interpolate(parse(text, { merge: true }), env) as Raw;
  return {
    document,
    services: Object.entries<Raw>(document.services ?? {}).map(([name, service]) => present(name, service)),
    volumes: Object.keys(document.volumes ?? {}),
    secrets: document.secrets ?? {},
    configs: document.configs ?? {},
  };
}

// biome-ignore lint/suspicious/noExplicitAny: the schema has checked the content
type Raw = Record<string, any>;

function present(name: string, raw: Raw): Service {
  const networks: Raw = raw.networks && !Array.isArray(raw.networks) ? raw.networks : {};
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
    ...(raw.healthcheck?.test && { healthcheck: { test: toTest(raw.healthcheck.test) } }),
    restart: raw.restart ?? 'no',
    stopGraceSeconds: toSeconds(raw.stop_grace_period ?? '10s'),
    readOnly: raw.read_only ?? false,
    tmpfs: [raw.tmpfs ?? []].flat(),
    capDrop: raw.cap_drop ?? [],
    capAdd: raw.cap_add ?? [],
    securityOpt: raw.security_opt ?? [],
    privileged: raw.privileged ?? false,
    ...(raw.network_mode && { networkMode: raw.network_mode }),
    aliases: Object.values<Raw>(networks).flatMap((network) => network?.aliases ?? []),
    profiles: raw.profiles ?? [],
  };
}

const toArguments = (command: string | string[]) =>
  typeof command === 'string' ? command.split(/\s+/) : command;

const toTest = (test: string | string[]) => (typeof test === 'string' ? ['CMD-SHELL', test] : test);

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
