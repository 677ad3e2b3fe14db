// AWS services of few operations, on one port: image moderation (Rekognition), translation (Translate) and an
// event bus (EventBridge).
import { S3Client } from '@aws-sdk/client-s3';
import { loadOnce } from '../runtime/load-on-use.ts';
import { createAwsJsonServer } from './aws-json-server.ts';
import { putEvents } from './event-bridge.stand-in.ts';
import { closeServer, listenWithin, onLoopback, type Reach } from './loopback.ts';
import { translateText } from './translate.stand-in.ts';

export async function startOtherServices(options: {
  port: number;
  reach?: Reach | undefined;
  s3Endpoint: string;
  region: string;
}) {
  const { reach = onLoopback } = options;
  const s3 = new S3Client({
    endpoint: options.s3Endpoint,
    region: options.region,
    forcePathStyle: true,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  // loads sharp, which few need
  const moderation = loadOnce(async () => (await import('./rekognition.stand-in.ts')).createModeration(s3));
  const server = createAwsJsonServer({
    'RekognitionService.DetectModerationLabels': async (input) => (await moderation())(input),
    'AWSShineFrontendService_20170701.TranslateText': translateText,
    'AWSEvents.PutEvents': putEvents,
  });
  const port = await listenWithin(reach, server, options.port);
  return {
    endpoint: `http://${reach.name}:${port}`,
    async stop() {
      await closeServer(server);
      s3.destroy();
    },
  };
}
