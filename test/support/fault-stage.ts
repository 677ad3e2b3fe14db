// A worker, its services, and fault proxies between them, for all fault tests.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import sharp from 'sharp';
import { ulid } from 'ulid';
import { compose } from '../../src/compose.ts';
import { composeWorker } from '../../src/compose-worker.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { PageDrawer } from '../../src/drawing/page-drawer.ts';
import type { Page } from '../../src/pages/page.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { createFaultChecks } from './fault-checks.ts';
import { startFaultEngines } from './fault-engines.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { findFreePort } from './free-port.ts';
import { createLogCapture } from './log-capture.ts';
import { inDefault } from './people.ts';
import { beginSessionOf } from './session-of.ts';
import { startTextractStub } from './textract-stub.ts';

const { PATH, NODE_COMPILE_CACHE } = process.env;

const root = path.join(import.meta.dirname, '../..');
const smallJpeg = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#eee' } })
  .jpeg()
  .toBuffer();

export type FaultStage = Awaited<ReturnType<typeof startFaultStage>>;

/**
 * Everything that a worker needs. Its calls go through `proxies`, the test's own calls do not. The engines can be
 * restarted only with `onDisk`.
 */
export async function startFaultStage(settings: Record<string, string> = {}, { onDisk = false } = {}) {
  const directory = await mkdtemp(path.join(tmpdir(), 'paperlift-faults-'));
  const temporary = path.join(directory, 'tmp');
  await mkdir(temporary);
  const engines = await startFaultEngines({ directory, onDisk });
  const textract = await startTextractStub();
  const [s3, sqs, dynamodb, detector] = await Promise.all(
    [engines.s3, engines.sqs, engines.database, textract.url].map(startFaultProxy),
  );
  const proxies = { s3, sqs, database: dynamodb, textract: detector } as Record<
    's3' | 'sqs' | 'database' | 'textract',
    FaultProxy
  >;

  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
  const direct = {
    AWS_ACCESS_KEY_ID: AWS_ACCESS_KEY_ID as string,
    AWS_SECRET_ACCESS_KEY: AWS_SECRET_ACCESS_KEY as string,
    PUBLIC_URL: 'http://localhost:3000',
    SESSION_SECRET: 'x'.repeat(32),
    SAML_ENTRY_POINT: 'http://localhost:9/sso',
    SAML_IDP_ISSUER: 'urn:test',
    SAML_IDP_CERTIFICATE: 'none',
    S3_BUCKET: engines.bucket,
    DYNAMODB_TABLE: engines.table,
    PAGES_QUEUE_URL: engines.queueUrl('paperlift-pages'),
    EXPORTS_QUEUE_URL: engines.queueUrl('paperlift-exports'),
    S3_ENDPOINT: engines.s3,
    SQS_ENDPOINT: engines.sqs,
    DYNAMODB_ENDPOINT: engines.database,
    TEXTRACT_ENDPOINT: textract.url,
    TEXTRACT_TIMEOUT_SECONDS: '20', // longer than a busy machine needs; those that wait for it set a shorter one
    JOB_LEASE_SECONDS: '3',
    JOB_VISIBILITY_SECONDS: '3',
    SWEEP_SECONDS: '1',
    ...settings,
  };
  const proxied: Record<string, string> = {
    ...direct,
    S3_ENDPOINT: proxies.s3.url,
    SQS_ENDPOINT: proxies.sqs.url,
    DYNAMODB_ENDPOINT: proxies.database.url,
    TEXTRACT_ENDPOINT: proxies.textract.url,
  };
  const silent = createLogger({ level: 'silent' });
  const services = compose(loadConfig(direct), { logger: silent });
  const children: ChildProcess[] = [];
  const stops: (() => Promise<unknown>)[] = [];
  const added: Page[] = [];

  async function addProject(ownerId = 'p'): Promise<string> {
    const id = ulid();
    const createdAt = new Date().toISOString();
    await services.stores.projects.create({
      id,
      name: 'Faults',
      organisationId: 'default',
      ownerId,
      ownerName: 'P',
      createdAt,
    });
    return id;
  }

  async function addPages(
    count: number,
    {
      projectId,
      ownerId = 'p',
      via = services,
    }: { projectId?: string; ownerId?: string; via?: Pick<typeof services, 'uploads' | 'files'> } = {},
  ): Promise<Page[]> {
    const owner = {
      id: ownerId,
      name: 'P',
      email: 'p@example.com',
      groups: [services.config.groups.users],
      ...inDefault,
    };
    const destination = await via.uploads.reserve(owner, projectId ?? (await addProject(ownerId)));
    const stored = await Promise.all(
      Array.from({ length: count }, (_, index) =>
        via.files.store(
          destination,
          {
            fileName: `${index}.jpg`,
            declaredType: 'image/jpeg',
            body: Readable.from([smallJpeg], { objectMode: false }),
          },
          new AbortController().signal,
        ),
      ),
    );
    const { pages } = await via.uploads.accept(destination, stored);
    added.push(...pages);
    return pages;
  }

  /** Starts a process of Paperlift. `isUp` recognizes the log line that says it has started. */
  async function startProcess(
    entryPoint: string,
    env: Record<string, string>,
    isUp: (line: string) => boolean,
  ) {
    const child = spawn(process.execPath, [entryPoint], {
      cwd: root,
      env: { PATH, NODE_COMPILE_CACHE, TMPDIR: temporary, ...proxied, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const lines: string[] = [];
    const up = Promise.withResolvers<void>();
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      if (isUp(line)) up.resolve();
    });
    const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
    await Promise.race([up.promise, ended]);
    return {
      child,
      lines,
      ended,
      async kill() {
        child.kill('SIGKILL');
        await ended;
      },
    };
  }

  /** Production's worker, in its own process. */
  const startWorker = (env: Record<string, string> = {}) =>
    startProcess('src/worker.ts', env, (line) => line.includes('worker polling'));

  /** Production's web, in its own process, and a session for the person whose projects `addProject` adds. */
  async function startWeb(env: Record<string, string> = {}) {
    const port = await findFreePort();
    const url = `http://localhost:${port}`;
    const place = { HOST: '127.0.0.1', PORT: String(port), PUBLIC_URL: url };
    const web = await startProcess('src/server.ts', { ...place, ...env }, (line) =>
      line.includes('web process listening'),
    );
    return { ...web, url, session: await beginSession() };
  }

  const beginSession = () =>
    beginSessionOf(services, {
      id: 'p',
      name: 'P',
      email: 'p@example.com',
      groups: [services.config.groups.users],
      ...inDefault,
    });

  /** The same worker in this process: for faults that need no killed process. */
  function startWorkerInProcess({
    now,
    drawer,
    polling = true,
    ...env
  }: {
    now?: () => Date;
    drawer?: PageDrawer;
    polling?: boolean;
    [name: string]: unknown;
  } = {}) {
    const logs = createLogCapture();
    const own = compose(loadConfig({ ...proxied, ...(env as Record<string, string>) }), {
      logger: createLogger({ level: 'info', destination: logs.destination }),
      ...(now ? { now } : {}),
    });
    const worker = composeWorker(own, { ...(drawer ? { drawer } : {}) });
    if (polling) worker.start();
    let stopping: Promise<void> | undefined;
    const stop = () => {
      stopping ??= worker.stop(500).finally(() => own.destroy());
      return stopping;
    };
    stops.push(stop);
    return { logs, services: own, handlers: worker.handlers, stop };
  }

  /** As at the end of a process: their work is finished or put back. */
  const stopWorkersInProcess = () => Promise.all(stops.map((stop) => stop()));

  const checks = createFaultChecks({
    services,
    database: proxies.database,
    queueUrl: engines.queueUrl,
    temporary,
    added,
  });

  return {
    directory,
    temporary,
    proxies,
    services,
    env: proxied,
    queueUrl: engines.queueUrl,
    addProject,
    addPages,
    startWorker,
    startWeb,
    startWorkerInProcess,
    stopWorkersInProcess,
    lastChild: () => children.at(-1),
    ...checks,
    /** Forgets all pages and faults. */
    clear() {
      added.length = 0;
      for (const proxy of Object.values(proxies)) proxy.clear();
    },

    restartEngines: engines.restart,

    async stop() {
      for (const child of children) {
        if (child.exitCode === null && child.signalCode === null) {
          child.kill('SIGKILL');
          await once(child, 'exit');
        }
      }
      await stopWorkersInProcess();
      services.destroy();
      await Promise.all([...Object.values(proxies), textract, engines].map((part) => part.stop()));
      await rm(directory, { recursive: true, force: true });
    },
  };
}
