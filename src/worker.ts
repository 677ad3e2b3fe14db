// The worker process: polls both queues.
import './runtime/node-version.ts';
import './runtime/end-at-once.ts';
import { withSecrets } from './aws/secrets.ts';
import { createXRaySigner } from './aws/xray-signer.ts';
import { compose } from './compose.ts';
import { composeWorker } from './compose-worker.ts';
import { loadConfig } from './config/config.ts';
import { createLogger } from './runtime/logger.ts';
import { startMeasuring } from './runtime/measuring.ts';
import { drainOnSignal, failToStart, flushMs } from './runtime/process.ts';
import { startTracing } from './runtime/tracing.ts';

try {
  const config = loadConfig(await withSecrets(process.env));
  const logger = createLogger({ level: config.logLevel });
  const measuring = await startMeasuring(config.metrics, logger);
  const tracer = await startTracing(config.traces, 'paperlift-worker', logger, createXRaySigner);
  const services = compose(config, { logger, tracer, metrics: measuring.metrics });
  const worker = composeWorker(services);
  worker.start();
  logger.info('worker polling');
  drainOnSignal(logger, async (graceMs) => {
    await worker.stop(graceMs);
    measuring.stop();
    await tracer?.flush(flushMs);
    services.destroy();
  });
} catch (error) {
  failToStart(error);
}
