// The web process.
import './runtime/node-version.ts';
import './runtime/end-at-once.ts';
import { createServer } from 'node:http';
import { createApp } from './app.ts';
import { withSecrets } from './aws/secrets.ts';
import { createXRaySigner } from './aws/xray-signer.ts';
import { compose } from './compose.ts';
import { loadConfig } from './config/config.ts';
import { createDrain } from './runtime/drain.ts';
import { createLogger } from './runtime/logger.ts';
import { startMeasuring } from './runtime/measuring.ts';
import { drainOnSignal, failToStart, flushMs } from './runtime/process.ts';
import { startTracing } from './runtime/tracing.ts';

/** For requests that were cut off and still clean up. */
const cleanUpMs = 2000;

try {
  const config = loadConfig(await withSecrets(process.env));
  const logger = createLogger({ level: config.logLevel });
  const measuring = await startMeasuring(config.metrics, logger);
  const tracer = await startTracing(config.traces, 'paperlift-web', logger, createXRaySigner);
  const services = compose(config, { logger, tracer, metrics: measuring.metrics });
  const server = createServer(createApp(services));
  const drain = createDrain(server);
  server.requestTimeout = 600_000; // a large upload over a slow line
  server.headersTimeout = 15_000;
  server.keepAliveTimeout = 65_000; // longer than a load balancer's 60 s
  server.on('error', failToStart);
  server.listen(config.port, config.host, () => {
    logger.info({ port: config.port, host: config.host }, 'web process listening');
  });
  drainOnSignal(logger, async (graceMs) => {
    await drain(graceMs);
    await services.settle(cleanUpMs);
    measuring.stop();
    await tracer?.flush(flushMs);
    services.destroy();
  });
} catch (error) {
  failToStart(error);
}
