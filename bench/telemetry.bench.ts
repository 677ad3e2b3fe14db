// Measures what traces and metrics cost: the project page's rate and the function's cold start with telemetry off, on, and with
// one trace in a hundred, in turns. By processor time, which other programs on the machine change least; the web runs on one
// core, so its rate is limited by that.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from '../test/support/free-port.ts';
import { waitFor } from '../test/support/wait.ts';
import { buildEvent, bundle, environmentOf, readCpuMs, startFunction } from './cold-start.bench.ts';
import { measure } from './request-rate.bench.ts';
import { createRow, median, type Row } from './row.ts';
import type { RunningStack } from './running-stack.ts';
import type { Visitor } from './visitor.ts';

const rateRounds = 7;
const secondsEach = 3;
const startRounds = 15;
const root = join(import.meta.dirname, '..');

type Kind = 'off' | 'on' | 'sampled';
const kinds: Kind[] = ['off', 'on', 'sampled'];

interface Given {
  stack: RunningStack;
  visitor: Visitor;
  projectId: string;
  folder: string;
}

export async function measureTelemetry({ stack, visitor, projectId, folder }: Given): Promise<Row[]> {
  await promisify(execFile)(process.execPath, ['scripts/build.ts'], { cwd: root });
  const collector = createServer((request, response) => {
    request.resume().once('end', () => response.end('{}'));
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as AddressInfo;
  const traces = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` };
  const oneInHundred = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' };
  const settings: Record<Kind, Record<string, string>> = {
    off: {},
    on: traces,
    sampled: { ...traces, ...oneInHundred },
  };
  const env = environmentOf(stack.webPid);
  try {
    const rates = await measureRates({ env, settings, cookie: visitor.headers.cookie, projectId });
    const starts = await measureStarts({ env, settings, cookie: visitor.headers.cookie, projectId, folder });
    return [...rates, ...starts];
  } finally {
    collector.closeAllConnections();
    collector.close();
  }
}

interface Measured {
  env: NodeJS.ProcessEnv;
  settings: Record<Kind, Record<string, string>>;
  cookie: string;
  projectId: string;
}

const labels: Record<Kind, string> = { off: 'off', on: 'on', sampled: 'on, 1 trace in 100' };

async function measureRates({ env, settings, cookie, projectId }: Measured): Promise<Row[]> {
  const webs = await Promise.all(
    kinds.map(async (kind) => {
      const metrics: Record<string, string> = kind === 'off' ? {} : { METRICS_PORT: '0' };
      return { kind, ...(await startWeb({ ...env, ...settings[kind], ...metrics })) };
    }),
  );
  const found: Record<Kind, number[]> = { off: [], on: [], sampled: [] };
  const wall: Record<Kind, number[]> = { off: [], on: [], sampled: [] };
  try {
    for (let round = 0; round <= rateRounds; round += 1) {
      // each is first, second and third as often as the others
      for (const { kind, url, pid } of webs.map(
        (_, at) => webs[(at + round) % webs.length] as (typeof webs)[0],
      )) {
        const load = { url: `${url}/projects/${projectId}`, headers: { cookie }, connections: 20 };
        const before = readCpuMs(pid);
        const { requestsPerSecond } = await measure({ ...load, seconds: secondsEach });
        if (round === 0) continue;
        found[kind].push((requestsPerSecond * secondsEach) / ((readCpuMs(pid) - before) / 1000));
        wall[kind].push(requestsPerSecond);
      }
    }
  } finally {
    for (const { stop } of webs) await stop();
  }
  const off = { what: 'telemetry off', value: median(found.off), unit: 'requests/CPU s' };
  return (['on', 'sampled'] as const).map((kind) => {
    // round by round, since the machine’s speed changes between them
    const ratios = found[kind].map((rate, round) => rate / (found.off[round] as number));
    return createRow({
      id: `telemetry-rate-${kind}`,
      what: `Project page, telemetry ${labels[kind]}`,
      value: off.value * median(ratios),
      unit: 'requests/CPU s',
      beside: off,
      target: { of: 'ratio', atLeast: 0.95 },
      note: `median of ${rateRounds} ratios, in turns of ${secondsEach} s; by the clock ${median(wall.off).toFixed(0)} requests/s off and ${median(wall[kind]).toFixed(0)} so`,
    });
  });
}

async function startWeb(env: NodeJS.ProcessEnv) {
  const port = await findFreePort();
  const web = spawn(process.execPath, ['dist/server.mjs'], {
    cwd: root,
    env: { ...env, PORT: String(port), HOST: '127.0.0.1' },
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  await waitFor('the web', async () => (await fetch(`${url}/health/live`).catch(() => undefined)) && true);
  return {
    url,
    pid: web.pid as number,
    async stop() {
      web.kill('SIGKILL');
      await once(web, 'exit');
    },
  };
}

async function measureStarts(given: Measured & { folder: string }): Promise<Row[]> {
  const { env, settings, cookie, projectId, folder } = given;
  const runtime = await bundle('test/support/lambda/function.process.ts', join(folder, 'runtime.mjs'));
  const found: Record<Kind, number[]> = { off: [], on: [], sampled: [] };
  const wall: Record<Kind, number[]> = { off: [], on: [], sampled: [] };
  for (let round = 0; round <= startRounds; round += 1) {
    for (const kind of kinds.map((_, at) => kinds[(at + round) % kinds.length] as Kind)) {
      const metrics: Record<string, string> = kind === 'off' ? {} : { METRICS: 'emf' };
      const { ms, cpuMs } = await startFunction({
        runtime,
        module: join(root, 'dist/lambda.mjs'),
        env: { ...env, ...settings[kind], ...metrics },
        event: buildEvent(`/projects/${projectId}`, cookie),
      });
      if (round === 0) continue;
      found[kind].push(cpuMs);
      wall[kind].push(ms);
    }
  }
  const off = { what: 'telemetry off', value: median(found.off), unit: 'CPU ms' };
  return (['on', 'sampled'] as const).map((kind) => {
    const more = median(found[kind].map((ms, round) => ms - (found.off[round] as number)));
    return createRow({
      id: `telemetry-cold-start-${kind}`,
      what: `lambda-web cold start, project page, telemetry ${labels[kind]}`,
      value: off.value + more,
      unit: 'CPU ms',
      beside: off,
      target: { of: 'value', atMost: Math.round(off.value + 15) },
      note: `${more.toFixed(0)} ms more, median of ${startRounds} differences in turns; by the clock ${median(wall.off).toFixed(0)} ms off and ${median(wall[kind]).toFixed(0)} ms so; spans are sent before the answer`,
    });
  });
}
