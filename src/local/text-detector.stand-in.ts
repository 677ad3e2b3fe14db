import { startTextractServer, type TextractServerOptions } from './textract/start-textract-server.ts';

// More than the quota of an AWS account, so that on one machine only Tesseract sets the pace.
const callsPerSecond = 100;

/** Starts the Textract-compatible server, reading from the S3 stand-in. It listens at once and warms up meanwhile. */
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
