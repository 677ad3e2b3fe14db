// Alarms of what the product itself measures (docs/decisions/0065), as the rules of onprem/alerts.yml are for Prometheus.
import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Deployment } from '../config.ts';
import { createAlarms } from './alarms.ts';
import type { DataStack } from './data.stack.ts';

const quarterHour = Duration.minutes(15);

/** The namespace of a deployment's metrics: two in one account do not mix. */
export const namespaceOf = ({ name }: Pick<Deployment, 'name'>) => `Paperlift/${name}`;

export function addProductAlarms({ stack, alarmTopic }: DataStack, deployment: Deployment) {
  const namespace = namespaceOf(deployment);
  const alarms = createAlarms(stack, alarmTopic);

  /** The sum over all values of a label that are not known beforehand, which only a query adds up. */
  const sumOf = (name: string, labels: string[], where = ''): IMetric =>
    new MathExpression({
      expression: `SELECT SUM(${name}) FROM SCHEMA("${namespace}", ${labels.join(', ')})${where}`,
      usingMetrics: {},
      period: quarterHour,
      label: name,
    });
  const metricOf = (metricName: string, dimensionsMap: Record<string, string>, statistic = 'Sum') =>
    new Metric({ namespace, metricName, dimensionsMap, statistic, period: quarterHour });

  alarms.add('PagesFail', {
    metric: sumOf('paperlift_pages_total', ['code', 'outcome'], ` WHERE outcome = 'failed'`),
    threshold: 20,
    description: 'Twenty pages failed within 15 minutes.',
  });
  alarms.add('ExportsFail', {
    metric: sumOf('paperlift_exports_total', ['code', 'format', 'outcome'], ` WHERE outcome = 'failed'`),
    threshold: 4,
    periods: 2,
    description: 'Exports fail.',
  });
  alarms.add('DetectorFails', {
    metric: failuresOver({
      failed: metricOf('paperlift_detector_calls_total', { outcome: 'try-again' }),
      worked: metricOf('paperlift_detector_calls_total', { outcome: 'detected' }),
    }),
    threshold: 10,
    description: 'More calls of the text detector fail than succeed.',
  });
  for (const [id, step, worked] of [
    ['ModerationFails', 'moderation', 'passed'],
    ['TranslationFails', 'translation', 'translated'],
  ] as const) {
    alarms.add(id, {
      metric: failuresOver({
        failed: metricOf('paperlift_step_calls_total', { step, outcome: 'try-again' }),
        worked: metricOf('paperlift_step_calls_total', { step, outcome: worked }),
      }),
      threshold: 10,
      description: `More calls of the optional step ${step} fail than succeed.`,
    });
  }
  alarms.add('BusFails', {
    metric: metricOf('paperlift_deliveries_total', { kind: 'bus', outcome: 'failed' }),
    threshold: 5,
    description: 'Events are not taken by the event bus.',
  });
  alarms.add('SlowPages', {
    metric: metricOf('paperlift_http_request_seconds', { class: 'page' }, 'p95'),
    threshold: 2,
    periods: 2,
    description: 'One page in twenty takes more than two seconds.',
  });
  alarms.add('SignInsRefused', {
    metric: sumOf('paperlift_sign_ins_total', ['outcome', 'reason'], ` WHERE outcome = 'refused'`),
    threshold: 20,
    description: 'Many sign-ins are refused.',
  });
  alarms.add('SweeperRepairs', {
    metric: sumOf('paperlift_sweeper_repairs_total', ['kind']),
    threshold: 20,
    periods: 2,
    description: 'Many jobs are lost and sent again.',
  });
}

/** By how many calls failures are more than successes. */
function failuresOver(usingMetrics: { failed: IMetric; worked: IMetric }): IMetric {
  return new MathExpression({
    expression: 'FILL(failed, 0) - FILL(worked, 0)',
    usingMetrics,
    period: quarterHour,
    label: 'failed calls more than successful ones',
  });
}
