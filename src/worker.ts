// The worker process: polls both queues.
import './runtime/node-version.ts';
import './runtime/end-at-once.ts';
import { withSecrets } from './aws/secrets.ts';
import { compose } from './compose.ts';
import { composeWorker } from './compose-worker.ts';
import { loadConfig } from './config/config.ts';
import { drainOnSignal, failToStart } from './runtime/process.ts';

try {
  const services = compose(loadConfig(await withSecrets(process.env)));
  const worker = composeWorker(services);
  worker.start();
  services.logger.info('worker polling');
  drainOnSignal(services.logger, async (graceMs) => {
    await worker.stop(graceMs);
    services.destroy();
  });
} catch (error) {
  failToStart(error);
}
