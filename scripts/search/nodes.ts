// OpenSearch nodes on this machine, from the project's own jars: Java and Maven are all they need.
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findFreePort } from '../../test/support/free-port.ts';
import { nodeProgram, obtainOpenSearch, openSearchVersion } from './open-search.ts';

interface SearchNode {
  name: string;
  url: string;
  pid(): number | undefined;
}

/** Starts so many nodes of one cluster, and waits until they have found each other. */
export async function startSearchNodes(count: number, { heapMb = 512 } = {}) {
  const jars = await obtainOpenSearch(openSearchVersion);
  const folder = await mkdtemp(join(tmpdir(), 'paperlift-opensearch-'));
  const ports = await Promise.all(
    Array.from({ length: count }, async () => ({
      http: await findFreePort(),
      transport: await findFreePort(),
    })),
  );
  const seeds = ports.map(({ transport }) => `127.0.0.1:${transport}`).join();
  const names = ports.map((_, at) => `node-${at + 1}`);
  const running = new Map<string, ChildProcess>();

  async function start(at: number) {
    const { http, transport } = ports[at] as (typeof ports)[number];
    const name = names[at] as string;
    const home = join(folder, name);
    await mkdir(join(home, 'config'), { recursive: true });
    const child = spawn(
      'java',
      [
        `-Xms${heapMb}m`,
        `-Xmx${heapMb}m`,
        '-XX:+UseSerialGC',
        '-cp',
        join(jars, '*'),
        nodeProgram,
        `path.home=${home}`,
        'cluster.name=paperlift-check',
        `node.name=${name}`,
        `http.port=${http}`,
        `transport.port=${transport}`,
        `discovery.seed_hosts=${seeds},`,
        `cluster.initial_cluster_manager_nodes=${names.join()},`,
        'cluster.routing.allocation.disk.threshold_enabled=false',
        'cluster.fault_detection.follower_check.timeout=2s',
        'cluster.fault_detection.leader_check.timeout=2s',
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const log = createWriteStream(join(home, 'log'), { flags: 'a' });
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    running.set(name, child);
  }

  async function end(name: string) {
    const child = running.get(name);
    running.delete(name);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await ended;
  }

  const nodes: SearchNode[] = ports.map(({ http }, at) => ({
    name: names[at] as string,
    url: `http://127.0.0.1:${http}`,
    pid: () => running.get(names[at] as string)?.pid,
  }));

  async function waitUntilReady(timeoutMs = 120_000): Promise<void> {
    const since = performance.now();
    for (;;) {
      for (const { url } of nodes) {
        const path = `/_cluster/health?wait_for_status=green&wait_for_nodes=${count}&timeout=2s`;
        const health = await fetch(url + path, { signal: AbortSignal.timeout(5000) })
          .then((answer) => answer.json() as Promise<{ timed_out?: boolean }>)
          .catch(() => undefined);
        if (health?.timed_out === false) return;
      }
      if (performance.now() - since > timeoutMs) {
        const log = await readFile(join(folder, names[0] as string, 'log'), 'utf8');
        throw new Error(`${count} OpenSearch nodes are no cluster:\n${log.slice(-2000)}`);
      }
      await delay(250);
    }
  }

  const stop = async () => {
    await Promise.all(names.map((name) => end(name)));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all(ports.map((_, at) => start(at)));
    await waitUntilReady();
  } catch (error) {
    await stop();
    throw error;
  }
  return { nodes, urls: nodes.map(({ url }) => url).join(), stop };
}
