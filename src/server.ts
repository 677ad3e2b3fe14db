// The web process.
import './node-version.ts';
import { createServer } from 'node:http';
import { createApp } from './app.ts';
import { withSecrets } from './aws/secrets.ts';
import { compose } from './compose.ts';
import { loadConfig } from './config.ts';
import { drainOnSignal, failToStart } from './process.ts';

try {
  const config = loadConfig(await withSecrets(process.env));
  const services = compose(config);
  const server = createServer(createApp(services));
  server.requestTimeout = 600_000; // a large upload over a slow line
  server.headersTimeout = 15_000;
  server.keepAliveTimeout = 65_000; // longer than a load balancer's 60 s
  server.on('error', failToStart);
  server.listen(config.port, config.host, () => {
    services.logger.info({ port: config.port, host: config.host }, 'the web is listening');
  });
  drainOnSignal(services.logger, async (graceMs) => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(cut);
    services.destroy();
  });
} catch (error) {
  failToStart(error);
}
