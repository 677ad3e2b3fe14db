// Each engine is restarted, and killed, while pages are added and read.
import { setTimeout as delay } from 'node:timers/promises';
import { assertAccepted, type Load, startLoad } from './load.ts';
import type { Finding, Part } from './part.ts';
import { signInAs } from './visits.ts';

const services = [
  's3',
  'database',
  'queues',
  'keycloak-database',
  'keycloak',
  'proxy',
  'textract',
  'worker',
  'web',
];

const ways = { restart: 'restart while pages are added', kill: 'SIGKILL while pages are added' } as const;

interface Run {
  service: string;
  way: keyof typeof ways;
  seconds: string;
  load: Load;
}

export const restartsPart: Part = {
  name: 'restarts: every engine under load',
  async run(surroundings) {
    const { stack, print } = surroundings;
    const alice = await signInAs('alice@example.com', surroundings);
    const runs: Run[] = [];
    for (const service of services) {
      for (const way of ['restart', 'kill'] as const) {
        const load = await startLoad(alice, `${service}: ${way}`);
        await delay(3000);
        const since = performance.now();
        await stack[way](service);
        const seconds = ((performance.now() - since) / 1000).toFixed(1);
        await delay(3000);
        await load.stop();
        runs.push({ service, way, seconds, load });
        const refusals = [...load.refused].map(([what, count]) => `${count} × ${what}`).join(', ');
        print(
          `    ${service} ${way}: healthy after ${seconds} s; ${load.accepted.length} accepted; ${refusals}`,
        );
      }
    }
    const findings: Finding[] = [];
    const failures: string[] = [];
    const person = await signInAs('alice@example.com', surroundings);
    for (const { service, way, seconds, load } of runs) {
      try {
        const { ready, failed } = await assertAccepted(person, load);
        const refused = [...load.refused.values()].reduce((sum, count) => sum + count, 0);
        const found = `healthy after ${seconds} s; ${load.accepted.length} accepted, ${refused} refused meanwhile; ${ready} read, ${failed.length} failed${failed.length > 0 ? ` (${[...new Set(failed)].join('; ')})` : ''}`;
        print(`    ok  ${service} ${way}: ${found}`);
        findings.push({ service, tried: ways[way], found });
      } catch (error) {
        print(`    FAILED  ${service} ${way}: ${(error as Error).message}`);
        failures.push(`${service} ${way}`);
      }
    }
    if (failures.length > 0) throw new Error(`failed: ${failures.join('; ')}`);
    return findings;
  },
};
