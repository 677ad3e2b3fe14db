// How the services of a Compose file run side by side on one machine: their names resolve to the loopback address, and
// their ports are free ones.
import type { ComposeFile, Service } from './compose-file.ts';

/** The folder of the file's secrets, one file each, beside the folders of the volumes. */
export const secretsFolder = 'secrets';

export interface PlannedService {
  name: string;
  /** The Dockerfile's stage for its image. */
  target: string;
  args: string[];
  env: Record<string, string>;
  /** The health check's command, or nothing when it has none. */
  healthcheck?: string[];
  volumes: Service['volumes'];
  dependsOn: Service['dependsOn'];
}

/** Every port that a service listens on or connects to. */
export function findPorts({ services }: ComposeFile): number[] {
  const ports = services.flatMap(({ ports, environment, healthcheck }) => [
    ...ports.flatMap(({ target, published }) => [target, Number(published)]),
    ...[...Object.values(environment), ...(healthcheck?.test ?? [])].flatMap((value) =>
      [...value.matchAll(/\/\/[\w.-]+:(\d+)/g)].map(([, port]) => Number(port)),
    ),
  ]);
  return [...new Set(ports)].filter(Boolean);
}

/** The services built here, each after those that it depends on. */
export function planServices(file: ComposeFile, ports: Map<number, number>): PlannedService[] {
  const names = file.services.map(({ name }) => name).join('|');
  const hosts = new RegExp(`//(${names})(?=[:/]|$)`, 'g');
  const numbers = new RegExp(`(?<![\\d.])(${[...ports.keys()].join('|')})(?!\\d)`, 'g');
  const place = (value: string) =>
    (value === '0.0.0.0' ? '127.0.0.1' : value)
      .replace(hosts, '//127.0.0.1')
      .replace(numbers, (port) => String(ports.get(Number(port))));

  const planned = file.services
    .filter(({ build }) => build)
    .map((service): PlannedService => {
      const [kind, ...test] = service.healthcheck?.test ?? ['NONE'];
      const command = kind === 'CMD-SHELL' ? ['/bin/sh', '-c', ...test] : test;
      return {
        name: service.name,
        target: service.build?.target ?? '',
        args: service.command ?? [],
        env: mapValues(service.environment, place),
        ...(kind !== 'NONE' && { healthcheck: command.map(place) }),
        volumes: [
          ...service.volumes,
          ...(service.secrets.length > 0
            ? [{ source: secretsFolder, target: '/run/secrets', readOnly: true }]
            : []),
        ],
        dependsOn: service.dependsOn,
      };
    });
  return sortByDependencies(planned);
}

function sortByDependencies(services: PlannedService[]): PlannedService[] {
  const ordered: PlannedService[] = [];
  const visit = (service: PlannedService, waiting: string[]) => {
    if (ordered.includes(service)) return;
    if (waiting.includes(service.name))
      throw new Error(`${waiting.join(' → ')} → ${service.name}: none of them can start`);
    for (const { name } of service.dependsOn) {
      const other = services.find((candidate) => candidate.name === name);
      if (other) visit(other, [...waiting, service.name]);
    }
    ordered.push(service);
  };
  for (const service of services) visit(service, []);
  return ordered;
}

function mapValues(record: Record<string, string>, change: (value: string) => string) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
