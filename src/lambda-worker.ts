// The worker as a Lambda function: SQS event in, the failed messages' ids out.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
import './node-version.ts';
import { withSecrets } from './aws/secrets.ts';
import { createSqsHandler } from './aws/sqs-event.ts';
import { compose } from './compose.ts';
import { composeWorker } from './compose-worker.ts';
import { loadConfig } from './config.ts';

const services = compose(loadConfig(await withSecrets(process.env)));
const { handlers } = composeWorker(services);

const handleEvent = createSqsHandler({
  queues: [
    { queue: services.queues.pages, handle: handlers.pages },
    { queue: services.queues.exports, handle: handlers.exports },
  ],
  logger: services.logger,
});

export const handler = (event: unknown) => handleEvent(event);
