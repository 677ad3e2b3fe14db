import { setTimeout as wait } from 'node:timers/promises';
import type { Engine, Running } from './engine.ts';
import type { PlannedService } from './plan.ts';

const healthTimeoutMs = 60_000;
const pollMs = 250;

/**
 * Starts each service as soon as its dependencies meet their conditions, and waits until all are healthy or complete.
 * Throws with a service's output when it fails.
 */
export async function runServices(options: {
  engine: Engine;
  services: PlannedService[];
  print: (line: string) => void;
}) {
  const { engine, services, print } = options;
  const running = new Map<string, Running>();
  const starts = new Map<string, Promise<void>>();
  const stop = async () => {
    const codes: Record<string, number | null> = {};
    for (const { name } of services.toReversed()) {
      const one = running.get(name);
      if (one) codes[name] = await one.stop();
    }
    await engine.close();
    return codes;
  };

  // in this order every service finds the promises of its dependencies
  for (const service of services) {
    const before = service.dependsOn.map(({ name }) => starts.get(name));
    starts.set(
      service.name,
      Promise.all(before).then(() => start(service)),
    );
  }
  const results = await Promise.allSettled(starts.values());
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) {
    await stop();
    throw failure.reason;
  }
  return { running, stop };

  async function start(service: PlannedService): Promise<void> {
    const startedAt = performance.now();
    const one = await engine.start(service);
    running.set(service.name, one);
    const completes = services.some(({ dependsOn }) =>
      dependsOn.some(
        ({ name, condition }) => name === service.name && condition === 'service_completed_successfully',
      ),
    );
    await (completes ? waitForCompletion(service, one) : waitForHealth(service, one));
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    print(`ok  ${service.name} ${completes ? 'has completed' : 'is healthy'} (${seconds} s)`);
  }
}

async function waitForCompletion({ name }: PlannedService, { exited, lines }: Running): Promise<void> {
  const code = await exited;
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${lines.slice(-20).join('\n')}`);
}

async function waitForHealth({ name, healthcheck }: PlannedService, one: Running): Promise<void> {
  if (!healthcheck) return;
  let ended = false;
  one.exited.then(() => {
    ended = true;
  });
  let last: unknown;
  const deadline = Date.now() + healthTimeoutMs;
  while (Date.now() < deadline && !ended) {
    try {
      await one.execute(healthcheck);
      return;
    } catch (error) {
      last = error;
      await wait(pollMs);
    }
  }
  const how = ended ? `ended with ${await one.exited}` : `is not healthy: ${(last as Error).message}`;
  throw new Error(`${name} ${how}\n${one.lines.slice(-20).join('\n')}`);
}
