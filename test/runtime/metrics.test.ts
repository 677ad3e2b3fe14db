// Metrics as an operator's tools read them: scraped as Prometheus does, and as lines of CloudWatch's embedded metric format.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createEmfSink } from '../../src/runtime/emf.sink.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { createMetrics, definitionOf, type MetricName, metrics } from '../../src/runtime/metrics.ts';
import { createPrometheusSink } from '../../src/runtime/prometheus.sink.ts';
import { exportProject } from '../support/exports.ts';
import { textJpeg } from '../support/images.ts';
import { createLogCapture } from '../support/log-capture.ts';
import { startPaperlift } from '../support/paperlift.ts';
import { addPage } from '../support/shown-pages.ts';

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const names = Object.keys(metrics) as MetricName[];

/** The text format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details */
function parseExposition(text: string) {
  const samples: Record<string, number> = {};
  const types: Record<string, string> = {};
  for (const line of text.split('\n').filter(Boolean)) {
    const [, name = '', type = ''] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (name) types[name] = type;
    if (line.startsWith('#')) continue;
    const [, series = '', value = ''] =
      /^([a-zA-Z_:][\w:]*(?:\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\.)*",?)*\})?) (\S+)$/.exec(line) ?? [];
    assert.ok(series !== '', `not a sample: ${line}`);
    samples[series] = Number(value);
  }
  return { samples, types };
}

test('what happened is scraped on a port of its own, and in CloudWatch’s lines, under the same names', async () => {
  const paperlift = await startPaperlift({
    worker: true,
    textract: ['Hello'],
    env: { METRICS_PORT: '0', METRICS: 'emf', HOST: '127.0.0.1', DETECTOR_PRICE_PER_PAGE: '0.25' },
  });
  try {
    const alice = await paperlift.signIn('alice@example.com');
    await paperlift.signIn('dave@example.com');
    const page = await addPage(alice, { jpeg: await textJpeg(['Hello']) });
    await page.whenReady();
    await exportProject(page.call, page.project, 'txt');
    const { port } = paperlift.measuring.address as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    const { samples, types } = parseExposition(await answer.text());
    for (const name of names) assert.equal(types[name], definitionOf(name).type, name);
    const expected = {
      'paperlift_pages_total{outcome="ready",code=""}': 1,
      paperlift_page_seconds_count: 1,
      'paperlift_detector_calls_total{outcome="detected"}': 1,
      paperlift_detector_cost_total: 0.25,
      'paperlift_exports_total{format="txt",outcome="ready",code=""}': 1,
      'paperlift_export_seconds_count{format="txt"}': 1,
      'paperlift_sign_ins_total{outcome="accepted",reason=""}': 1,
      'paperlift_sign_ins_total{outcome="refused",reason="no-group"}': 1,
      'paperlift_queue_wait_seconds_count{queue="paperlift-pages"}': 1,
      'paperlift_queue_depth{queue="paperlift-pages"}': 0,
      'paperlift_queue_depth{queue="paperlift-exports"}': 0,
      'paperlift_http_requests_total{class="api",status="201"}': 2,
    };
    for (const [series, value] of Object.entries(expected)) assert.equal(samples[series], value, series);
    assert.ok(Number(samples['paperlift_queue_age_seconds{queue="paperlift-pages"}']) < 30);
    assert.equal((await fetch(`http://127.0.0.1:${port}/other`)).status, 404);
    assert.equal((await alice.agent.get('/metrics')).status, 404, 'never on the public port');

    paperlift.measuring.write();
    const lines = paperlift.logs.entries().filter(({ _aws }) => _aws) as unknown as EmfLine[];
    const values = (name: string, labels: object) =>
      lines
        .filter((line) => name in line && Object.entries(labels).every(([key, value]) => line[key] === value))
        .map((line) => line[name]);
    assert.deepEqual(values('paperlift_pages_total', { outcome: 'ready', code: 'none' }), [1]);
    assert.deepEqual(values('paperlift_detector_cost_total', {}), [0.25]);
    assert.deepEqual(values('paperlift_sign_ins_total', { outcome: 'refused', reason: 'no-group' }), [1]);
    for (const line of lines) checkEmf(line);
  } finally {
    await paperlift.stop();
  }
});

interface EmfLine {
  _aws: {
    Timestamp: number;
    CloudWatchMetrics: {
      Namespace: string;
      Dimensions: string[][];
      Metrics: { Name: MetricName; Unit: string }[];
    }[];
  };
  [member: string]: unknown;
}

/** By the specification's schema: targets exist, dimensions are strings that are not empty, values are at most 100 numbers. */
function checkEmf(line: EmfLine) {
  assert.ok(line._aws.Timestamp > 1.7e12);
  for (const { Namespace, Dimensions, Metrics } of line._aws.CloudWatchMetrics) {
    assert.equal(Namespace, 'Paperlift');
    for (const dimension of Dimensions.flat())
      assert.ok(typeof line[dimension] === 'string' && line[dimension] !== '', dimension);
    for (const { Name, Unit } of Metrics) {
      assert.equal(Unit, definitionOf(Name).unit);
      const values = [line[Name]].flat();
      assert.ok(values.length > 0 && values.length <= 100, Name);
      assert.ok(
        values.every((value) => typeof value === 'number'),
        Name,
      );
    }
  }
}

test('a minute of CloudWatch’s metrics is summed, at most 100 values a line, whatever the level of the log', () => {
  const logs = createLogCapture();
  const logger = createLogger({ level: 'error', destination: logs.destination });
  const sink = createEmfSink({ namespace: 'Paperlift', logger });
  const { count, observe, set } = createMetrics([sink]);
  for (let each = 0; each < 250; each += 1) observe('paperlift_page_seconds', {}, each);
  for (const by of [1, 2]) count('paperlift_detector_calls_total', { outcome: 'detected' }, by);
  for (const value of [7, 3]) set('paperlift_queue_depth', { queue: 'q' }, value);
  sink.write();
  sink.write();
  const lines = logs.entries() as unknown as EmfLine[];
  for (const line of lines) checkEmf(line);
  const sizes = lines.flatMap((line) =>
    'paperlift_page_seconds' in line ? [line.paperlift_page_seconds] : [],
  );
  assert.deepEqual(
    sizes.map((values) => (values as number[]).length),
    [100, 100, 50],
  );
  const one = (name: string) => lines.filter((line) => name in line).map((line) => line[name]);
  assert.deepEqual([one('paperlift_detector_calls_total'), one('paperlift_queue_depth')], [[3], [3]]);
});

test('an alert sees the first failure, because counters whose labels are known start at zero', async () => {
  const { samples } = parseExposition(await createPrometheusSink().present());
  assert.equal(samples['paperlift_detector_calls_total{outcome="try-again"}'], 0);
  assert.equal(samples['paperlift_sweeper_repairs_total{kind="PAGE"}'], 0);
  for (const name of names) {
    for (const given of definitionOf(name).starts ?? []) {
      assert.deepEqual(Object.keys(given).sort(), [...definitionOf(name).labels].sort(), name);
    }
  }
});

test('the dashboard and the alert rules name metrics and labels that exist', () => {
  for (const file of ['onprem/grafana-dashboard.json', 'onprem/alerts.yml']) {
    const named = [...read(file).matchAll(/\b(paperlift_\w+?)(_bucket|_count|_sum)?\b(?:\{(\w+)=)?/g)];
    assert.ok(named.length > 10, file);
    for (const [, name, part, label] of named) {
      assert.ok(names.includes(name as MetricName), `${file}: ${name}`);
      const { type, labels } = definitionOf(name as MetricName);
      assert.equal(part !== undefined, type === 'histogram', `${file}: ${name}${part ?? ''}`);
      if (label) assert.ok(labels.includes(label), `${file}: ${name}{${label}}`);
    }
    if (file.endsWith('.json')) {
      const missing = names.filter((name) => !read(file).includes(name));
      assert.deepEqual(missing, [], 'every metric has its place on the dashboard');
    }
  }
});

test('the documents list every metric with its unit, labels and help', () => {
  const operations = read('docs/operations.md');
  for (const name of names) {
    const { type, unit, labels, help } = definitionOf(name);
    const row = `| \`${name}\` | ${type} | ${unit === 'None' ? '' : unit.toLowerCase()} | ${labels.join(', ')} | ${help} |`;
    assert.ok(operations.includes(row), `docs/operations.md lacks: ${row}`);
  }
});
