// The worker as a Lambda function: an SQS event in, ids of failed messages out; or the scheduler's `{"task":"sweep"}`.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
import './runtime/node-version.ts';
import type { Context } from 'aws-lambda';
import { withSecrets } from './aws/secrets.ts';
import { createXRaySigner } from './aws/xray-signer.ts';
import { compose } from './compose.ts';
import { composeWorker } from './compose-worker.ts';
import { loadConfig } from './config/config.ts';
import { createSqsHandler } from './lambda/sqs-event.ts';
import { createLogger } from './runtime/logger.ts';
import { startMeasuring } from './runtime/measuring.ts';
import { startTracing } from './runtime/tracing.ts';

const config = loadConfig(await withSecrets(process.env));
const logger = createLogger({ level: config.logLevel, sync: true });
const measuring = await startMeasuring({ ...config.metrics, port: undefined }, logger);
const tracer = await startTracing(config.traces, 'paperlift-worker', logger, createXRaySigner);
const services = compose(config, { logger, tracer, metrics: measuring.metrics });
const { handlers, sweeper } = composeWorker(services);

const handleMessages = createSqsHandler({
  queues: [
    { queue: services.queues.pages, handle: handlers.pages },
    { queue: services.queues.exports, handle: handlers.exports },
  ],
  logger,
  tracer,
  metrics: measuring.metrics,
});

const giveBackMs = 5000;
const settleMs = 1000;
const flushMs = 500;

/** After it has answered, only the browser stays, for the next export. */
export const handler = async (event: { task?: unknown }, context: Context) => {
  const timeIsNearlyUp = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - giveBackMs));
  const answer = event.task === 'sweep' ? await sweeper.sweep() : await handleMessages(event, timeIsNearlyUp);
  await services.settle(context.getRemainingTimeInMillis() - settleMs);
  if (event.task === 'sweep') await measuring.metrics.readGauges(); // once a minute, not with each job
  measuring.write();
  await tracer?.flush(context.getRemainingTimeInMillis() - flushMs);
  return answer;
};
