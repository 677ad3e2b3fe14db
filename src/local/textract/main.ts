// Runs the Textract-compatible server alone, for deployments without AWS.
import pino from 'pino';
import { startTextractServer } from './start-textract-server.ts';
import { loadTextractConfig } from './textract.config.ts';

try {
  const server = await startTextractServer({
    ...loadTextractConfig(),
    logger: pino({ level: 'warn' }),
  });
  console.log(`Textract-compatible server is ready at ${server.url}`);
  const stop = async () => {
    await server.close();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
