// Runs the image: `web` and `worker` as an engine runs them, the others as Lambda runs them.
import { setTimeout as delay } from 'node:timers/promises';
import { startLambdaFront } from '../../test/support/lambda/http-front.ts';
import { startLambdaQueueFront } from '../../test/support/lambda/queue-front.ts';
import type { ImageConfig } from './buildah.ts';
import { type Container, startContainer } from './container.ts';
import type { Surroundings } from './surroundings.ts';

export interface Image {
  root: string;
  config: ImageConfig;
}

export function startServices(image: Image, { env, port }: Surroundings) {
  const start = (word: string) =>
    startContainer({ ...image, args: [word], env: { LOG_LEVEL: 'warn', ...env, PORT: String(port) } });
  return { web: start('web'), worker: start('worker') };
}

/** A user that the image does not know, as on Lambda. */
export const lambdaUser = '993:990';

/** Two execution environments of each function, behind stand-ins for API Gateway and the queues' event sources. */
export async function startFunctions(image: Image, { env, port }: Surroundings) {
  const front = await startLambdaFront({ httpPort: port });
  const queues = await startLambdaQueueFront({
    endpoint: env.SQS_ENDPOINT as string,
    queueUrls: [env.PAGES_QUEUE_URL as string, env.EXPORTS_QUEUE_URL as string],
    sweepEveryMs: 5000,
  });
  const functions = [
    startFunction(image, 'lambda-web', front.runtimeApi, env),
    startFunction(image, 'lambda-web', front.runtimeApi, env),
    startFunction(image, 'lambda-worker', queues.runtimeApi, env),
    startFunction(image, 'lambda-worker', queues.runtimeApi, env),
  ];
  const stop = async () => {
    for (const one of functions) one.signal('SIGKILL');
    await Promise.all(functions.map((one) => one.exited));
    await Promise.all([front.stop(), queues.stop()]);
  };
  await waitForStart([front.started, queues.started], functions).catch(async (error) => {
    await stop();
    throw error;
  });
  return { functions, stop };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
export function startFunction(
  image: Image,
  word: string,
  runtimeApi: string,
  env: Record<string, string>,
): Container {
  return startContainer({
    ...image,
    args: [word],
    user: lambdaUser,
    env: {
      LOG_LEVEL: 'warn',
      ...env,
      AWS_LAMBDA_RUNTIME_API: runtimeApi,
      AWS_LAMBDA_FUNCTION_NAME: `paperlift-${word}`,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '2048',
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/paperlift-${word}`,
      AWS_LAMBDA_LOG_STREAM_NAME: 'here',
    },
  });
}

/** Throws with the functions' output when one ends or takes too long. */
export async function waitForStart(started: Promise<unknown>[], functions: Container[]): Promise<void> {
  const waiting = new AbortController();
  const failed = Promise.race([
    ...functions.map((one) => one.exited.then((code) => `ended with ${code}`)),
    delay(30_000, 'does not start in 30 s', { signal: waiting.signal }).catch(() => ''),
  ]);
  try {
    const reason = await Promise.race([Promise.all(started), failed]);
    if (typeof reason === 'string') {
      throw new Error(`A function ${reason}: ${functions.flatMap((one) => one.lines.slice(-10)).join('\n')}`);
    }
  } finally {
    waiting.abort();
  }
}
