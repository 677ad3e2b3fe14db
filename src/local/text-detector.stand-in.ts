import { startTextractServer, type TextractServerOptions } from './textract/start-textract-server.ts';

// above the quota of an AWS account, so that only Tesseract limits the speed on one machine
const callsPerSecond = 100;

/**
 * Starts the Textract-compatible server, which reads from the S3 stand-in. It listens at once and warms up in the
 * background.
 */
export async function startTextDetector(options: {
  port: number;
  s3Endpoint: string;
  region: string;
  logger?: TextractServerOptions['logger'];
}) {
  const start = (port: number) =>
    startTextractServer({
      port,
      callsPerSecond,
      logger: options.logger,
      s3: {
        endpoint: options.s3Endpoint,
        region: options.region,
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      },
    });
  const server = await start(options.port).catch((error) => {
    if (error.code !== 'EADDRINUSE' || options.port === 0) throw error;
    return start(0);
  });
  return { endpoint: server.url, stop: () => server.close() };
}
