import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startStandIns } from '../../src/local/stand-ins.ts';
import { openBrowser } from '../support/browser.ts';
import { startFunction } from '../support/lambda/function.ts';
import { startLambdaFront } from '../support/lambda/http-front.ts';
import { startLambdaQueueFront } from '../support/lambda/queue-front.ts';
import { startTextractStub } from '../support/textract-stub.ts';

/** The product as functions, with the stand-ins behind it and a browser before it. */
export async function openLambdaSite() {
  const directory = await mkdtemp(path.join(tmpdir(), 'paperlift-lambda-'));
  const front = await startLambdaFront();
  const standIns = await startStandIns({
    dataDirectory: path.join(directory, 'data'),
    ports: 'any',
    publicUrl: front.url,
    textract: false,
  });
  const textract = await startTextractStub();
  const env: Record<string, string> = { ...standIns.env, TEXTRACT_ENDPOINT: textract.url, LOG_LEVEL: 'warn' };
  const queueFront = await startLambdaQueueFront({
    endpoint: env.SQS_ENDPOINT as string,
    queueUrls: [env.PAGES_QUEUE_URL as string, env.EXPORTS_QUEUE_URL as string],
  });
  const web = { module: 'src/lambda.ts', runtimeApi: front.runtimeApi, env };
  const functions = [
    startFunction(web),
    startFunction(web),
    startFunction({ module: 'src/lambda-worker.ts', runtimeApi: queueFront.runtimeApi, env }),
  ];
  await front.started;
  const browser = await openBrowser({
    origins: [front.url, new URL(env.SAML_ENTRY_POINT as string).origin, env.S3_ENDPOINT as string],
  });
  return {
    url: front.url,
    visit: browser.visit,
    async file(name: string, content: Buffer) {
      const file = path.join(directory, name);
      await writeFile(file, content);
      return file;
    },
    async stop() {
      await browser.stop();
      await Promise.all(functions.map((one) => one.stop()));
      await Promise.all([front.stop(), queueFront.stop()]);
      await textract.stop();
      await standIns.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export type LambdaSite = Awaited<ReturnType<typeof openLambdaSite>>;
