// A real Prometheus (Debian's package) scrapes the running local stack: the rules load, an alert fires, and every query of the
// dashboard has an answer.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { stringify } from 'yaml';
import { sampleFiles } from '../parity/sample-files.ts';
import { createProject, createSite, findSite, makeExport, upload, waitUntilRead } from '../parity/site.ts';
import { findFreePort } from '../support/free-port.ts';
import { waitFor } from '../support/wait.ts';

const root = path.join(import.meta.dirname, '../..');
const skip = spawnSync('prometheus', ['--version']).error !== undefined && 'prometheus is not installed';
const directory = mkdtempSync(path.join(tmpdir(), 'paperlift-prometheus-'));
const stops: (() => Promise<unknown>)[] = [];

/** Starts a program, and waits until it says that it is ready. */
async function start(command: string, args: string[], env: Record<string, string>, ready: RegExp) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  stops.push(async () => {
    if (child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  });
  await waitFor(command, async () => {
    assert.equal(child.exitCode, null, said);
    return ready.test(said) ? true : undefined;
  });
}

/** Two ports side by side: the worker's metrics are at the one after the web's. */
async function findPortPair(): Promise<number> {
  const port = await findFreePort();
  const server = createServer().listen(port + 1, '127.0.0.1');
  const isFree = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  server.close();
  return isFree ? port : findPortPair();
}

describe('a Prometheus that scrapes the running stack', { skip }, () => {
  let base: string;
  let prometheus: string;

  const ask = async (call: string, parameters: Record<string, string> = {}) => {
    const answer = await fetch(`${prometheus}/api/v1/${call}?${new URLSearchParams(parameters)}`);
    // biome-ignore lint/suspicious/noExplicitAny: each test asserts what it reads of it
    const { status, data, error } = (await answer.json()) as any;
    assert.equal(status, 'success', error);
    return data;
  };

  before(async () => {
    const [port, metricsPort, ownPort] = [await findFreePort(), await findPortPair(), await findFreePort()];
    base = `http://localhost:${port}`;
    prometheus = `http://127.0.0.1:${ownPort}`;
    await start(
      process.execPath,
      [path.join(root, 'src/local/main.ts')],
      {
        PORT: String(port),
        METRICS_PORT: String(metricsPort),
        LOCAL_DATA_DIR: path.join(directory, 'data'),
        DETECTOR_PRICE_PER_PAGE: '0.0015',
        EXPORTS_PER_MINUTE: '2',
      },
      /Paperlift is ready/,
    );
    const targets = [metricsPort, metricsPort + 1].map((one) => `127.0.0.1:${one}`);
    const config = {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [path.join(root, 'onprem/alerts.yml')],
      scrape_configs: [{ job_name: 'paperlift', static_configs: [{ targets }] }],
    };
    writeFileSync(path.join(directory, 'prometheus.yml'), stringify(config));
    await start(
      'prometheus',
      [
        `--config.file=${directory}/prometheus.yml`,
        `--storage.tsdb.path=${directory}/tsdb`,
        `--web.listen-address=127.0.0.1:${ownPort}`,
      ],
      {},
      /Server is ready/,
    );
  });
  after(async () => {
    for (const stop of stops.reverse()) await stop();
    rmSync(directory, { recursive: true, force: true });
  });

  test('finds both processes up, and loads every rule', async () => {
    await waitFor('both targets', async () => {
      const { activeTargets } = await ask('targets');
      const healthy = activeTargets.filter(({ health }: { health: string }) => health === 'up');
      return healthy.length === 2 ? true : undefined;
    });
    const { groups } = await ask('rules');
    const states = groups[0].rules.map(({ health, type }: { health: string; type: string }) => [
      health,
      type,
    ]);
    assert.ok(states.length > 8);
    await waitFor('the rules to be evaluated', async () => {
      const { rules } = (await ask('rules')).groups[0];
      return rules.every(({ health }: { health: string }) => health === 'ok') ? true : undefined;
    });
  });

  test('fires the alert of refused sign-ins when someone without a group tries again and again', async () => {
    const refuse = async () => {
      const signingIn = createSite(await findSite({ base })).signIn('dave@example.com', { isFresh: true });
      await assert.rejects(signingIn, /403/);
    };
    await refuse();
    const count = 'sum(paperlift_sign_ins_total{outcome="refused"})';
    // an increase is seen only in a series that was scraped before
    await waitFor('the first refusal', async () => (await ask('query', { query: count })).result[0]);
    for (let tries = 0; tries < 25; tries += 1) await refuse();
    const alert = await waitFor('the alert', async () => {
      const { alerts } = await ask('alerts');
      return alerts.find(({ state }: { state: string }) => state === 'firing');
    });
    assert.deepEqual([alert.labels.alertname, alert.labels.severity], ['PaperliftSignInsRefused', 'ticket']);
    assert.match(alert.annotations.summary, /Many sign-ins are refused/);
  });

  test('answers every query of the dashboard after people have worked', async () => {
    const { invoice } = await sampleFiles();
    const alice = await createSite(await findSite({ base })).signIn('alice@example.com');
    const work = async () => {
      const projectId = await createProject(alice, 'Measured');
      await upload(alice, projectId, [invoice]);
      await waitUntilRead(alice, projectId);
      return projectId;
    };
    // each series needs two scrapes before it has a rate
    const projectId = await work();
    await makeExport(alice, projectId, 'txt');
    await makeExport(alice, projectId, 'json');
    const refused = () => alice.api('POST', `/projects/${projectId}/exports`, { json: { format: 'docx' } });
    assert.equal((await refused()).status, 429);
    await work();

    const dashboard = JSON.parse(readFileSync(path.join(root, 'onprem/grafana-dashboard.json'), 'utf8'));
    const queries: string[] = dashboard.panels.flatMap(({ targets = [] }: { targets?: { expr: string }[] }) =>
      targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '2m')),
    );
    assert.ok(queries.length > 15);
    for (const query of queries) {
      await waitFor(`an answer to ${query}`, async () => {
        const { result } = await ask('query', { query });
        return result.length > 0 && result.every(({ value }: { value: unknown[] }) => value.length === 2)
          ? true
          : undefined;
      });
    }
  });
});
