// Alarms that page an operator. docs/operations.md says what to do about each.
import { Duration, type Stack } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IAlarm,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Operation } from 'aws-cdk-lib/aws-dynamodb';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { DataStack } from './data.stack.ts';

const fiveMinutes = Duration.minutes(5);

type Given = Pick<AlarmProps, 'metric' | 'threshold'> & {
  description: string;
  periods?: number;
  below?: boolean;
};

/** The alarms of one stack, all to one topic. Missing data counts as fine: no errors, no tasks. */
export function createAlarms(stack: Stack, topic: ITopic) {
  const action = new SnsAction(topic);
  function tell(alarm: Alarm) {
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
    return alarm;
  }
  return {
    /** Raised when the metric reaches the threshold, or falls below it, for that many periods in a row. */
    add(id: string, { metric, threshold, description, periods = 1, below = false }: Given): IAlarm {
      return tell(
        new Alarm(stack, id, {
          alarmDescription: description,
          metric,
          threshold,
          evaluationPeriods: periods,
          comparisonOperator: below
            ? ComparisonOperator.LESS_THAN_THRESHOLD
            : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
          treatMissingData: below ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
        }),
      );
    },
  };
}

export function addDataAlarms({ stack, alarmTopic, queues, table }: DataStack) {
  const alarms = createAlarms(stack, alarmTopic);
  for (const [name, { queue, dead }] of Object.entries(queues)) {
    const id = name === 'pages' ? 'Pages' : 'Exports';
    alarms.add(`${id}DeadLetters`, {
      metric: dead.metricApproximateNumberOfMessagesVisible({ period: fiveMinutes, statistic: 'max' }),
      threshold: 1,
      description: `Jobs of the queue ${name} were moved to the dead-letter queue after too many attempts.`,
    });
    alarms.add(`${id}WaitLong`, {
      metric: queue.metricApproximateAgeOfOldestMessage({ period: fiveMinutes, statistic: 'max' }),
      threshold: 900,
      periods: 2,
      description: `The oldest job of the queue ${name} has been waiting for 15 minutes.`,
    });
  }
  alarms.add('TableThrottles', {
    metric: table.metricThrottledRequestsForOperations({
      operations: [Operation.GET_ITEM, Operation.QUERY, Operation.PUT_ITEM, Operation.UPDATE_ITEM],
      period: fiveMinutes,
    }),
    threshold: 1,
    periods: 2,
    description: 'DynamoDB is throttling requests.',
  });
  alarms.add('TextractThrottles', {
    metric: textractMetric('ThrottledCount'),
    threshold: 10,
    periods: 3,
    description:
      'Textract is throttling calls: the quota is lower than textractCallsPerSecond, or other applications use it too.',
  });
  alarms.add('TextractErrors', {
    metric: new MathExpression({
      expression: 'server + user',
      usingMetrics: { server: textractMetric('ServerErrorCount'), user: textractMetric('UserErrorCount') },
      period: fiveMinutes,
      label: 'errors',
    }),
    threshold: 10,
    periods: 2,
    description: 'Textract calls fail: service errors, rejected pages or missing permissions.',
  });
}

/** https://docs.aws.amazon.com/textract/latest/dg/textract-cloudwatch-metrics.html */
export function textractMetric(metricName: string) {
  return new Metric({
    namespace: 'AWS/Textract',
    metricName,
    dimensionsMap: { Operation: 'DetectDocumentText' },
    statistic: 'Sum',
    period: fiveMinutes,
  });
}
