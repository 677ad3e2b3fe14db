// The web process as a Lambda function.
import './runtime/node-version.ts';
import type { Context } from 'aws-lambda';
import { createApp } from './app.ts';
import { withSecrets } from './aws/secrets.ts';
import { createXRaySigner } from './aws/xray-signer.ts';
import { compose } from './compose.ts';
import { loadConfig } from './config/config.ts';
import { createLambdaHandler } from './lambda/lambda-handler.ts';
import { createLogger } from './runtime/logger.ts';
import { startMeasuring } from './runtime/measuring.ts';
import { startTracing } from './runtime/tracing.ts';

// Lambda's limit in both directions is 6 MB, including base64 and headers
const config = loadConfig({ DIRECT_ABOVE_BYTES: '4000000', ...(await withSecrets(process.env)) });
const logger = createLogger({ level: config.logLevel, sync: true });
const measuring = await startMeasuring({ ...config.metrics, port: undefined }, logger);
const tracer = await startTracing(config.traces, 'paperlift-web', logger, createXRaySigner);
const services = compose(config, { logger, tracer, metrics: measuring.metrics });
const { settle } = services;
async function flush(withinMs: number) {
  measuring.write();
  await tracer?.flush(withinMs);
}
const serve = createLambdaHandler({ app: createApp(services), logger, settle, flush });

// exactly two parameters: Node 24's runtime rejects handlers that could take a callback
export const handler = (event: unknown, context: Context) => serve(event, context);
