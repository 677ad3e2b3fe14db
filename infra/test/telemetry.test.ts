import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { loadConfig } from '../../src/config/config.ts';
import { metrics } from '../../src/runtime/metrics.ts';
import { type Json, resourceOf, resourcesOf, synthesize } from '../synthesize.ts';

const { templates } = synthesize();
const off = synthesize({
  telemetry: {},
  boundary: false,
  pipeline: undefined,
  breakGlass: undefined,
}).templates;
const secret = { SESSION_SECRET: 'x'.repeat(64) };

const containersOf = (template: Json): Json[][] =>
  resourcesOf(template, 'AWS::ECS::TaskDefinition').map(({ Properties }) => Properties.ContainerDefinitions);
const readStrings = (entries: [string, Json][]) =>
  Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      typeof value === 'string' ? value : `https://sqs.us-east-1.amazonaws.com/1/${name}`,
    ]),
  );

describe('traces on AWS', () => {
  test('go from each task to a collector beside it, and from there to X-Ray', () => {
    for (const [paperlift, collector, ...more] of containersOf(templates.Fargate)) {
      assert.deepEqual(more, []);
      assert.equal(collector.Essential, false, 'a collector that ends must not end the task');
      assert.match(JSON.stringify(collector.Image), /aws-otel-collector:v\d/);
      assert.equal(collector.PortMappings, undefined, 'nobody else reaches it');
      const [{ Name, Value }] = collector.Environment;
      assert.equal(Name, 'AOT_CONFIG_CONTENT');
      const { receivers, exporters, service } = JSON.parse(Value);
      assert.deepEqual(exporters, { awsxray: { region: 'us-east-1' } });
      assert.deepEqual(service.pipelines.traces.exporters, ['awsxray']);
      const variables = paperlift.Environment.map((one: Json) => [one.Name, one.Value]);
      const { traces } = loadConfig({ ...readStrings(variables), ...secret });
      assert.equal(traces?.url, `http://${receivers.otlp.protocols.http.endpoint}/v1/traces`);
      assert.deepEqual(traces?.sampler, { name: 'parentbased_traceidratio', ratio: 0.1 });
    }
  });

  test('go from functions to X-Ray itself, which their roles may write to', () => {
    for (const id of ['Web', 'Worker']) {
      const { Environment, Role } = resourceOf(templates.Lambda, 'AWS::Lambda::Function', id).Properties;
      const { traces } = loadConfig({ ...readStrings(Object.entries(Environment.Variables)), ...secret });
      assert.equal(traces?.url, 'https://xray.us-east-1.amazonaws.com/v1/traces');
      const policy = resourcesOf(templates.Lambda, 'AWS::IAM::Policy').find(
        ({ Properties }) => Properties.Roles[0].Ref === Role['Fn::GetAtt'][0],
      );
      assert.match(JSON.stringify(policy?.Properties), /xray:PutTraceSegments/);
    }
  });

  test('cost nothing where they are off: no collector, no address of one, no right to write', () => {
    for (const containers of containersOf(off.Fargate)) assert.equal(containers.length, 1);
    assert.doesNotMatch(JSON.stringify(off.Fargate), /xray|OTEL_/);
    assert.doesNotMatch(JSON.stringify(off.Lambda), /OTEL_/);
  });
});

describe('alarms of what the product measures', () => {
  const names = [
    'PagesFail',
    'ExportsFail',
    'DetectorFails',
    'ModerationFails',
    'TranslationFails',
    'BusFails',
    'SlowPages',
    'SignInsRefused',
    'SweeperRepairs',
  ];
  const alarmOf = (id: string): Json => resourceOf(templates.Data, 'AWS::CloudWatch::Alarm', id).Properties;

  test('exist where the product writes its metrics, and read those', () => {
    const { Environment } = resourceOf(templates.Lambda, 'AWS::Lambda::Function', 'Worker').Properties;
    const { METRICS, METRICS_NAMESPACE } = Environment.Variables;
    assert.equal(METRICS, 'emf');
    for (const id of names) {
      const alarm = JSON.stringify(alarmOf(id));
      assert.ok(alarm.includes(METRICS_NAMESPACE), id);
      const used = [...alarm.matchAll(/paperlift_\w+/g)].map(([name]) => name);
      assert.ok(used.length > 0, id);
      for (const name of used) assert.ok(name in metrics, `${id}: ${name}`);
    }
    const without = resourcesOf(off.Data, 'AWS::CloudWatch::Alarm').map(({ id }) => id);
    for (const id of names) assert.ok(!without.some((one) => one.startsWith(id)), id);
  });

  test('ask for exactly the labels that a metric has, without which CloudWatch finds nothing', () => {
    for (const id of names) {
      const { Metrics = [], MetricName, Dimensions = [] } = alarmOf(id);
      const one = { Metric: { MetricName, Dimensions } };
      for (const { Expression = '', MetricStat } of [...Metrics, { MetricStat: MetricName && one }]) {
        const [, name, labels] = /SUM\((\w+)\) FROM SCHEMA\("[^"]+", ([\w, ]+)\)/.exec(Expression) ?? [];
        const asked = MetricStat
          ? MetricStat.Metric.Dimensions.map(({ Name }: Json) => Name)
          : labels?.split(', ');
        const metric = (name ?? MetricStat?.Metric.MetricName) as keyof typeof metrics | undefined;
        if (metric) assert.deepEqual(asked.toSorted(), [...metrics[metric].labels].sort(), `${id} ${metric}`);
      }
    }
  });

  test('are those of the rules for Prometheus, but for what CloudWatch measures by itself', () => {
    const rules = readFileSync(path.join(import.meta.dirname, '../../onprem/alerts.yml'), 'utf8');
    const alerts = [...rules.matchAll(/alert: Paperlift(\w+)/g)].map(([, name]) => name);
    const byAws = ['PagesWaitLong', 'QueueStands', 'ServerErrors']; // of SQS, the load balancer and the API
    const onAws: Record<string, string[]> = {
      Slow: ['SlowPages'],
      StepFails: ['ModerationFails', 'TranslationFails'],
    };
    assert.deepEqual(
      alerts.flatMap((name = '') => onAws[name] ?? [name]).sort(),
      [...names, ...byAws].sort(),
    );
  });
});
