import { Duration } from 'aws-cdk-lib';
import { GraphWidget, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { textractMetric } from './alarms.ts';
import type { DataStack } from './data.stack.ts';

export function graph(title: string, left: IMetric[], right: IMetric[] = []) {
  return new GraphWidget({ title, left, right, width: 6, height: 6 });
}

export function functionWidgets(name: string, made: IFunction) {
  return [
    graph(
      `${name}: invocations, errors, throttles`,
      [made.metricInvocations(), made.metricErrors(), made.metricThrottles()],
      [made.metric('ConcurrentExecutions', { statistic: 'max' })],
    ),
    graph(`${name}: duration`, [
      made.metricDuration({ statistic: 'p50' }),
      made.metricDuration({ statistic: 'p99' }),
    ]),
  ];
}

/** Both queues, the table and Textract. */
export function queueWidgets({ queues, table }: DataStack) {
  const period = Duration.minutes(1);
  const widgets = Object.entries(queues).map(([name, { queue, dead }]) =>
    graph(
      `Queue ${name}`,
      [
        queue.metricApproximateNumberOfMessagesVisible({ period, label: 'waiting' }),
        queue.metricApproximateNumberOfMessagesNotVisible({ period, label: 'in flight' }),
        dead.metricApproximateNumberOfMessagesVisible({ period, label: 'dead letters' }),
      ],
      [queue.metricApproximateAgeOfOldestMessage({ period, label: 'oldest, seconds' })],
    ),
  );
  return [
    ...widgets,
    graph('Textract', [textractMetric('SuccessfulRequestCount'), textractMetric('ThrottledCount')]),
    graph('Table', [
      table.metricConsumedReadCapacityUnits({ period }),
      table.metricConsumedWriteCapacityUnits({ period }),
    ]),
  ];
}
