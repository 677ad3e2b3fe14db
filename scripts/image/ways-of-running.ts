// The ways of running the image, each checked end to end and compared with the sources.
import assert from 'node:assert/strict';
import { startProcesses } from '../../test/parity/processes.ts';
import type { CheckResult } from '../../test/parity/run-checks.ts';
import { findFreePort } from '../../test/support/free-port.ts';
import { startRuntimeApi } from '../../test/support/lambda/runtime-api.ts';
import { runContainer, startContainer } from './container.ts';
import { checkReadOnly, checkStop, checkUnhealthy, waitUntilHealthy } from './hardening.ts';
import { checkParity, compareAnswers, withoutPdfSizes } from './parity.ts';
import {
  type Image,
  lambdaUser,
  startFunction,
  startFunctions,
  startServices,
  waitForStart,
} from './running-image.ts';
import type { Surroundings } from './surroundings.ts';

interface Options {
  image: Image;
  surroundings: Surroundings;
  step: <Result>(name: string, work: () => Promise<Result>) => Promise<Result>;
}

/** The answers of the sources, which the others must match. */
export async function checkSources({ surroundings, step }: Options): Promise<CheckResult[]> {
  const running = await startProcesses(surroundings);
  try {
    return await step('the sources pass the end-to-end checks', () => checkParity(surroundings, () => []));
  } finally {
    await running.stop();
  }
}

/** Returns the answers, which the functions must match. */
export async function checkServices({ image, surroundings, step }: Options, expected: CheckResult[]) {
  const { web, worker } = startServices(image, surroundings);
  try {
    const port = { PORT: String(surroundings.port) };
    await step('web and worker are healthy by the image’s own check', async () => {
      await Promise.all([web, worker].map((one) => waitUntilHealthy(one, image.config, port)));
    });
    await step('nothing but /tmp can be written to', () => checkReadOnly(web));
    const answers = await step(
      'web and worker pass the end-to-end checks, and answer as the sources do',
      async () => {
        const results = await checkParity(surroundings, () => [...web.lines, ...worker.lines]);
        compareAnswers(withoutPdfSizes(expected), withoutPdfSizes(results));
        return results;
      },
    );
    await step('a web that stands still is unhealthy', () => checkUnhealthy(web, image.config, port));
    await step('both end at SIGTERM, with 0', () => Promise.all([checkStop(web), checkStop(worker)]));
    return answers;
  } finally {
    for (const one of [web, worker]) one.signal('SIGKILL');
    await Promise.all([web.exited, worker.exited]);
  }
}

export async function checkFunctions({ image, surroundings, step }: Options, expected: CheckResult[]) {
  const running = await startFunctions(image, surroundings);
  try {
    await step('as Lambda functions they pass them too, with the same answers byte for byte', async () => {
      const output = () => running.functions.flatMap((one) => one.lines);
      compareAnswers(expected, await checkParity(surroundings, output));
    });
  } finally {
    await running.stop();
  }
}

/** A cold start finds all code compiled, for Lambda's user too, as Node reports for every file. */
export async function checkCompileCache({ image, surroundings, step }: Options) {
  await step('a function finds its code compiled', async () => {
    const { code, output } = await runContainer({
      ...image,
      user: lambdaUser,
      entrypoint: ['timeout', '10', 'node'],
      args: ['/paperlift/dist/lambda.mjs'],
      env: { ...surroundings.env, NODE_DEBUG_NATIVE: 'COMPILE_CACHE', AWS_LAMBDA_FUNCTION_NAME: 'paperlift' },
    });
    assert.equal(code, 0, output.slice(-1000));
    assert.ok(output.split(' was accepted').length > 10, output.slice(0, 1000));
    assert.doesNotMatch(output, /rejected|permission denied|no such file/);
  });
}

/** https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html */
export async function checkPreToken({ image, surroundings, step }: Options) {
  const runtime = await startRuntimeApi();
  const trigger = startFunction(image, 'lambda-pre-token', runtime.address, surroundings.env);
  try {
    await step('the pre-token trigger gives groups', async () => {
      await waitForStart([runtime.started], [trigger]);
      const outcome = await runtime.invoke({
        version: '2',
        request: { userAttributes: { 'custom:groups': 'Paperlift Users' }, groupConfiguration: {} },
        response: {},
      });
      assert.ok('payload' in outcome, JSON.stringify(outcome));
      assert.match(outcome.payload.toString(), /"groupsToOverride":\["paperlift-users"\]/);
    });
  } finally {
    trigger.signal('SIGKILL');
    await trigger.exited;
    await runtime.stop();
  }
}

/** The second target's server, for servers without AWS: it runs and warms up. */
export async function checkTextract({ image, surroundings, step }: Options) {
  const port = String(await findFreePort());
  const env = { ...surroundings.env, TEXTRACT_PORT: port, TEXTRACT_WORKERS: '1' };
  const textract = startContainer({ ...image, args: ['textract'], env });
  const health = ['node', '/paperlift/health.mjs', `http://127.0.0.1:${port}/health`];
  try {
    await step('the local target runs the Textract-compatible server', () =>
      waitUntilHealthy(textract, { ...image.config, Healthcheck: { Test: ['CMD', ...health] } }, {}),
    );
    await checkStop(textract);
  } finally {
    textract.signal('SIGKILL');
    await textract.exited;
  }
}
