// The services of a Compose file, as `docker compose` runs them: in their order, with their health checks, and started
// again when they end by themselves.
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { ComposeFile, Service } from '../compose/compose-file.ts';
import { type Container, type Mount, type Streams, startContainer } from './container.ts';
import type { Networks } from './networks.ts';
import { type Contents, packages } from './packages.ts';
import { prepareProduct } from './product.ts';

interface Started {
  service: Service;
  container: Container;
  /** Whether it is to run: one that ends by itself is started again. */
  wanted: boolean;
  restarts: number;
}

/** A service that ends as often while it starts will not become healthy. */
const maxRestarts = 5;

interface StackOptions {
  networks: Networks;
  /** Of the Compose file: the paths in it are relative to it. */
  root: string;
  /** Keeps volumes and logs. */
  directory: string;
  print: (line: string) => void;
}

export function createStack({ networks, root, directory, print }: StackOptions) {
  const started = new Map<string, Started>();
  const contents = new Map<string, Promise<Contents>>();
  let file: ComposeFile;

  const findService = (name: string): Service => {
    const service = file.services.find((one) => one.name === name);
    if (!service) throw new Error(`no such service: ${name}`);
    return service;
  };

  function contentsOf({ image, build }: Service): Promise<Contents> {
    const key = build ? `build ${build.target}` : (image as string);
    const [name = '', tag = ''] = key.split(':');
    const known = contents.get(key);
    if (known) return known;
    const prepare = packages[name];
    if (!build && !prepare) throw new Error(`scripts/onprem/packages.ts has nothing for ${image}`);
    const preparing = build ? prepareProduct(build.target as string, directory) : prepare?.(tag);
    contents.set(key, preparing as Promise<Contents>);
    return preparing as Promise<Contents>;
  }

  const layersOf = (name: string) => join(directory, 'layers', name);
  const volumeFolder = (name: string) => join(directory, 'volumes', name);

  async function mountsOf({ volumes, secrets }: Service): Promise<Mount[]> {
    const mounts: Mount[] = [];
    for (const { source, target, readOnly } of volumes) {
      const isNamed = file.volumes.includes(source);
      if (isNamed) await mkdir(volumeFolder(source), { recursive: true });
      const path = isNamed ? volumeFolder(source) : resolve(root, source);
      // what is mounted from the checkout are files
      mounts.push({ source: path, target, readOnly, isFile: !isNamed });
    }
    for (const name of secrets) {
      const source = file.secrets[name]?.file as string;
      mounts.push({ source, target: `/run/secrets/${name}`, readOnly: true, isFile: true });
    }
    return mounts;
  }

  async function run(service: Service, layers = layersOf(service.name)): Promise<Container> {
    const image = await contentsOf(service);
    return startContainer({
      name: service.name,
      network: service.name,
      hosts: networks.hostsFor(service),
      command: [...image.entrypoint, ...(service.command ?? image.command ?? [])],
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...image.env, ...service.environment },
      mounts: [...image.mounts, ...(await mountsOf(service))],
      readOnly: service.readOnly,
      ...(image.user && { user: image.user }),
      owned: image.owned ?? [],
      ...(image.stopSignal && { stopSignal: image.stopSignal }),
      capDrop: service.capDrop,
      capAdd: service.capAdd,
      layers,
      log: join(directory, 'logs', `${service.name}.log`),
    });
  }

  async function start(service: Service): Promise<void> {
    await mkdir(join(directory, 'logs'), { recursive: true });
    const one: Started = { service, container: await run(service), wanted: true, restarts: 0 };
    started.set(service.name, one);
    if (service.restart !== 'no') keepRunning(one);
  }

  /** https://docs.docker.com/engine/containers/start-containers-automatically/ */
  async function keepRunning(one: Started): Promise<void> {
    for (;;) {
      await one.container.exited;
      if (!one.wanted) return;
      await wait(Math.min(100 * 2 ** one.restarts, 60_000));
      if (!one.wanted) return;
      one.restarts += 1;
      one.container = await run(one.service);
    }
  }

  /** Waits until a service has completed, if it runs once, or is healthy. Throws with its output when it fails. */
  async function waitFor(name: string): Promise<void> {
    const { service, container } = started.get(name) as Started;
    if (service.restart === 'no') {
      const code = await container.exited;
      if (code !== 0)
        throw new Error(`${name} ended with ${code}:\n${container.lines.slice(-20).join('\n')}`);
      return;
    }
    const { test: [kind, ...test] = [], patienceSeconds = 0 } = service.healthcheck ?? {};
    const command = kind === 'CMD-SHELL' ? ['/bin/sh', '-c', ...test] : test;
    const deadline = Date.now() + patienceSeconds * 1000;
    for (;;) {
      const current = (started.get(name) as Started).container;
      if ((await current.execute(command)) === 0) return;
      if (Date.now() > deadline || (started.get(name)?.restarts ?? 0) > maxRestarts) {
        throw new Error(`${name} is not healthy:\n${current.lines.slice(-30).join('\n')}`);
      }
      await wait(250);
    }
  }

  async function startInOrder(name: string, under: Map<string, Promise<void>>): Promise<void> {
    const known = under.get(name);
    if (known) return known;
    const service = findService(name);
    const starting = Promise.all(service.dependsOn.map((other) => startInOrder(other.name, under))).then(
      async () => {
        const startedAt = performance.now();
        const current = started.get(name);
        if (current?.wanted && isDeepStrictEqual(current.service, service) && service.restart !== 'no')
          return;
        if (current?.wanted) await stopOne(name);
        // a changed service gets a new container
        if (current) await rm(layersOf(name), { recursive: true, force: true });
        await start(service);
        await waitFor(name);
        const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
        print(`    ${name} ${service.restart === 'no' ? 'has completed' : 'is healthy'} (${seconds} s)`);
      },
    );
    under.set(name, starting);
    return starting;
  }

  async function stopOne(name: string): Promise<void> {
    const one = started.get(name);
    if (!one?.wanted) return;
    one.wanted = false;
    const code = await one.container.stop(one.service.stopGraceSeconds);
    started.delete(name);
    if (code !== 0 && one.service.build) print(`    ${name} ended with ${code}`);
  }

  return {
    /**
     * `docker compose up`: starts these services, or all of no profile and of these, and what they depend on. Changed ones
     * are started anew.
     */
    async up(composeFile: ComposeFile, names: string[], asked: string[]): Promise<void> {
      file = composeFile;
      const all = file.services.filter(
        ({ profiles }) => profiles.length === 0 || profiles.some((profile) => asked.includes(profile)),
      );
      const wanted = names.length > 0 ? names : all.map(({ name }) => name);
      const under = new Map<string, Promise<void>>();
      const results = await Promise.allSettled(wanted.map((name) => startInOrder(name, under)));
      const failure = results.find(({ status }) => status === 'rejected');
      if (failure) throw (failure as PromiseRejectedResult).reason;
    },
    /** `docker compose run --rm`: the service's container with another command. */
    async runOnce(name: string, command: string[]): Promise<{ code: number | null; lines: string[] }> {
      const layers = layersOf(`${name}-once`);
      await rm(layers, { recursive: true, force: true });
      const { exited, lines } = await run({ ...findService(name), command }, layers);
      return { code: await exited, lines };
    },
    /** `docker compose stop`: these, or all, dependants first. */
    async stop(names?: string[]): Promise<void> {
      const wanted = names?.length ? names : [...started.keys()].reverse();
      for (const name of wanted) await stopOne(name);
    },
    async restart(name: string): Promise<void> {
      const { service } = started.get(name) as Started;
      await stopOne(name);
      await start(service);
      await waitFor(name);
    },
    /** SIGKILL, as when the memory runs out; it is started again as the file says. */
    async kill(name: string): Promise<void> {
      const one = started.get(name) as Started;
      const before = one.container;
      await before.kill();
      while (one.container === before) await wait(20);
      await waitFor(name);
    },
    execute(name: string, command: string[], streams?: Streams): Promise<number | null> {
      const one = started.get(name);
      if (!one?.wanted) throw new Error(`${name} does not run`);
      return one.container.execute(command, streams);
    },
    logs: (name: string): string[] => started.get(name)?.container.lines ?? [],
    names: () => [...started.keys()],
    volumeFolder,
    contentsOf: (name: string) => contentsOf(findService(name)),
  };
}

export type Stack = ReturnType<typeof createStack>;
