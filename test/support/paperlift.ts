// Production's app on its own port, with its own stand-ins.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import request from 'supertest';
import { createApp } from '../../src/app.ts';
import { createXRaySigner } from '../../src/aws/xray-signer.ts';
import { compose, type Services } from '../../src/compose.ts';
import { composeWorker } from '../../src/compose-worker.ts';
import { loadConfig } from '../../src/config/config.ts';
import { startStandIns } from '../../src/local/stand-ins.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { startMeasuring } from '../../src/runtime/measuring.ts';
import { startTracing } from '../../src/runtime/tracing.ts';
import { startFaultProxy } from './fault-proxy.ts';
import { hiddenFields } from './hidden-fields.ts';
import { createLogCapture } from './log-capture.ts';
import { copyPreparedPeople } from './prepared-run.ts';
import { type Answer, startTextractStub } from './textract-stub.ts';

interface Options {
  /**
   * Whether the real text detector runs; by default when there is a worker. Or the lines of every page, or a function that
   * returns the blocks of the next page.
   */
  textract?: boolean | string[] | Answer;
  /** Whether a worker runs beside the web. */
  worker?: boolean;
  /** Whether the app's database calls go through a proxy, `database`, in which a test injects faults. */
  databaseFaults?: boolean;
  /** The same for S3: `storage`. */
  storageFaults?: boolean;
  /** The same for Rekognition, Translate and EventBridge: `otherServices`. */
  otherServiceFaults?: boolean;
  /** Whether a second company signs in, too: an organisation of its own. */
  secondCompany?: boolean;
  env?: Record<string, string>;
  now?: () => Date;
}

export async function startPaperlift(options: Options = {}) {
  const undo = new AsyncDisposableStack();
  try {
    return await start(options, undo);
  } catch (error) {
    await undo.disposeAsync(); // whatever has started would keep the test's process alive
    throw error;
  }
}

async function start(
  {
    worker = false,
    textract = worker,
    databaseFaults = false,
    storageFaults = false,
    otherServiceFaults = false,
    secondCompany = false,
    env = {},
    now,
  }: Options,
  undo: AsyncDisposableStack,
) {
  const server = createServer();
  undo.defer(() => closeServer(server));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const dataDirectory = await mkdtemp(path.join(tmpdir(), 'paperlift-test-'));
  undo.defer(() => rm(dataDirectory, { recursive: true, force: true }));
  await copyPreparedPeople(dataDirectory);
  const standIns = await startStandIns({
    dataDirectory,
    inMemory: true,
    ports: 'any',
    textract: textract === true,
    secondCompany,
    publicUrl: url,
    ...(env.PUBLIC_URL ? { otherPublicUrls: [env.PUBLIC_URL] } : {}),
  });
  undo.defer(() => standIns.stop());
  // the SDK finds its credentials in the environment, as it does in production
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) process.env[name] = standIns.env[name];
  const logs = createLogCapture();
  const stub = Array.isArray(textract)
    ? await startTextractStub(textract)
    : typeof textract === 'function'
      ? await startTextractStub([], textract)
      : undefined;
  undo.defer(() => stub?.stop());
  const detector: Record<string, string> = stub ? { TEXTRACT_ENDPOINT: stub.url } : {};
  const database = await startFaultProxy(standIns.env.DYNAMODB_ENDPOINT as string);
  undo.defer(() => database.stop());
  const storage = await startFaultProxy(standIns.env.S3_ENDPOINT as string);
  undo.defer(() => storage.stop());
  const otherServices = await startFaultProxy(standIns.env.REKOGNITION_ENDPOINT as string);
  undo.defer(() => otherServices.stop());
  const proxied: Record<string, string> = {
    ...(databaseFaults ? { DYNAMODB_ENDPOINT: database.url } : {}),
    ...(storageFaults ? { S3_ENDPOINT: storage.url } : {}),
    ...(otherServiceFaults
      ? {
          REKOGNITION_ENDPOINT: otherServices.url,
          TRANSLATE_ENDPOINT: otherServices.url,
          EVENTBRIDGE_ENDPOINT: otherServices.url,
        }
      : {}),
  };
  const config = loadConfig({ ...standIns.env, ...detector, ...proxied, SWEEP_SECONDS: '2', ...env });
  const logger = createLogger({ level: 'info', destination: logs.destination });
  const tracer = await startTracing(config.traces, 'paperlift-web', logger, createXRaySigner);
  const measuring = await startMeasuring(config.metrics, logger);
  undo.defer(async () => measuring.stop());
  const services: Services = compose(config, {
    logger,
    tracer,
    metrics: measuring.metrics,
    ...(now ? { now } : {}),
  });
  undo.defer(() => services.destroy());
  const app = createApp(services);
  server.on('request', app);
  const jobs = worker ? composeWorker(services) : undefined;
  undo.defer(() => jobs?.stop(1000));
  undo.defer(() => closeServer(server));
  jobs?.start();

  return {
    url,
    app,
    config,
    services,
    standIns,
    measuring,
    database,
    storage,
    otherServices,
    /** How often text was detected, by the stub. */
    countDetections: () => stub?.calls() ?? 0,
    logs,
    signIn: (email: string, provider?: string) => signIn(url, email, '/', provider),
    stop: () => undo.disposeAsync(),
  };
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

export type Paperlift = Awaited<ReturnType<typeof startPaperlift>>;

/** A browser that signed in through the identity provider: an agent that keeps its cookies, and its CSRF token. */
export async function signIn(url: string, email: string, returnTo = '/', provider?: string) {
  const agent = request.agent(url);
  const form = await answerOfProvider(agent, email, returnTo, provider);
  const signedIn = await agent.post('/auth/saml/acs').type('form').send(form);
  const home = await agent.get('/');
  const csrfToken = /name="_csrf" value="([^"]+)"/.exec(home.text)?.[1] ?? '';
  return { agent, csrfToken, answer: signedIn };
}

/** What the identity provider has the browser post after the person pressed the button. */
export async function answerOfProvider(
  agent: ReturnType<typeof request.agent>,
  email: string,
  returnTo = '/',
  provider?: string,
) {
  const query = new URLSearchParams({ returnTo, ...(provider ? { provider } : {}) });
  const login = await agent.get(`/auth/login?${query}`);
  return answerToRequest(login.headers.location as string, email);
}

/** The same for a sign-in request by its address. */
export async function answerToRequest(location: string, email: string) {
  const page = await fetch(location);
  const fields = new URLSearchParams(hiddenFields(await page.text()));
  fields.set('person', email);
  const posted = await fetch(new URL('/sso', page.url), { method: 'POST', body: fields });
  return hiddenFields(await posted.text());
}
