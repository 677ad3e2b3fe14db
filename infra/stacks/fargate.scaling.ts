import { Duration } from 'aws-cdk-lib';
import { AdjustmentType } from 'aws-cdk-lib/aws-applicationautoscaling';
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import type { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Deployment } from '../config.ts';
import type { DataStack } from './data.stack.ts';
import { pagesAtOnce } from './work-rate.ts';

type Settings = NonNullable<Deployment['fargate']>;

/** Adds web tasks with requests and processor load. */
export function scaleWeb(web: FargateService, targets: ApplicationTargetGroup, { web: size }: Settings) {
  const scaling = web.autoScaleTaskCount({ minCapacity: size.tasks, maxCapacity: size.mostTasks });
  scaling.scaleOnRequestCount('Requests', {
    targetGroup: targets,
    requestsPerTarget: size.requestsPerMinute,
    scaleInCooldown: Duration.minutes(5),
  });
  scaling.scaleOnCpuUtilization('Cpu', {
    targetUtilizationPercent: 60,
    scaleInCooldown: Duration.minutes(5),
  });
}

/** Adds workers while jobs wait, within Textract's quota. */
export function scaleWorker(
  worker: FargateService,
  { deployment, settings, data }: { deployment: Deployment; settings: Settings; data: DataStack },
) {
  const { tasks, pagesAtOnce: pagesOfTask } = settings.worker;
  const scaling = worker.autoScaleTaskCount({
    minCapacity: tasks,
    maxCapacity: Math.max(tasks, Math.floor(pagesAtOnce(deployment) / pagesOfTask)),
  });
  const period = Duration.minutes(1);
  const { pages, exports } = data.queues;
  scaling.scaleOnMetric('Backlog', {
    metric: new MathExpression({
      label: 'jobs waiting and in flight',
      expression: 'pages + exports + pagesTaken + exportsTaken',
      period,
      usingMetrics: {
        pages: pages.queue.metricApproximateNumberOfMessagesVisible({ period, statistic: 'max' }),
        exports: exports.queue.metricApproximateNumberOfMessagesVisible({ period, statistic: 'max' }),
        pagesTaken: pages.queue.metricApproximateNumberOfMessagesNotVisible({ period, statistic: 'max' }),
        exportsTaken: exports.queue.metricApproximateNumberOfMessagesNotVisible({ period, statistic: 'max' }),
      },
    }),
    adjustmentType: AdjustmentType.CHANGE_IN_CAPACITY,
    cooldown: Duration.minutes(2),
    scalingSteps: [
      { upper: 0, change: -1 },
      { lower: pagesOfTask * 10, change: +1 },
      { lower: pagesOfTask * 50, change: +3 },
    ],
  });
  scaling.scaleOnMetric('Age', {
    metric: new MathExpression({
      label: 'age of the oldest job, seconds',
      expression: 'MAX([pages, exports])',
      period,
      usingMetrics: {
        pages: pages.queue.metricApproximateAgeOfOldestMessage({ period, statistic: 'max' }),
        exports: exports.queue.metricApproximateAgeOfOldestMessage({ period, statistic: 'max' }),
      },
    }),
    adjustmentType: AdjustmentType.CHANGE_IN_CAPACITY,
    cooldown: Duration.minutes(2),
    scalingSteps: [
      { lower: 60, change: +1 },
      { lower: 300, change: +2 },
    ],
  });
}
