// A worker with its services and fault proxies between them, and the one oracle of all fault tests.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { SessionData } from 'express-session';
import sharp from 'sharp';
import { ulid } from 'ulid';
import { compose } from '../../src/compose.ts';
import { composeWorker } from '../../src/compose-worker.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { PageDrawer } from '../../src/drawing/page-drawer.ts';
import { startDatabase } from '../../src/local/database.stand-in.ts';
import { startObjectStoreAndQueues } from '../../src/local/object-store-and-queues.stand-in.ts';
import { isFinal, type Page } from '../../src/pages/page.ts';
import { fromStoredPage } from '../../src/pages/page-item.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { type Detection, textOf } from '../../src/text/detected-text.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { findFreePort } from './free-port.ts';
import { createLogCapture } from './log-capture.ts';
import { startTextractStub } from './textract-stub.ts';
import { waitFor } from './wait.ts';

const { PATH, NODE_COMPILE_CACHE } = process.env;

const root = path.join(import.meta.dirname, '../..');
const queues = ['paperlift-pages', 'paperlift-exports'];

const smallJpeg = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#eee' } })
  .jpeg()
  .toBuffer();

export type FaultStage = Awaited<ReturnType<typeof startFaultStage>>;

/**
 * Everything a worker needs. What it calls goes through `proxies`; what the test asks for goes straight. Only `onDisk` can
 * the stand-ins be restarted.
 */
export async function startFaultStage(settings: Record<string, string> = {}, { onDisk = false } = {}) {
  const directory = await mkdtemp(path.join(tmpdir(), 'paperlift-faults-'));
  const temporary = path.join(directory, 'tmp');
  await mkdir(temporary);
  const startAws = (port: number) =>
    startObjectStoreAndQueues({
      directory: onDisk ? path.join(directory, 'aws') : undefined,
      port,
      region: 'us-east-1',
      bucket: 'paperlift',
      queues,
    });
  const startTable = (port: number) =>
    startDatabase({
      directory: onDisk ? path.join(directory, 'database') : undefined,
      port,
      table: 'paperlift',
    });
  const port = onDisk ? findFreePort : () => 0; // to be found there again
  let [aws, database] = await Promise.all([startAws(await port()), startTable(await port())]);
  const textract = await startTextractStub();
  const [s3, sqs, dynamodb, detector] = await Promise.all(
    [aws.endpoint, aws.endpoint, database.endpoint, textract.url].map(startFaultProxy),
  );
  const proxies = { s3, sqs, database: dynamodb, textract: detector } as Record<
    's3' | 'sqs' | 'database' | 'textract',
    FaultProxy
  >;

  const credentials = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
  Object.assign(process.env, credentials); // where the SDK looks for them, as in production
  const direct = {
    ...credentials,
    PUBLIC_URL: 'http://localhost:3000',
    SESSION_SECRET: 'x'.repeat(32),
    SAML_ENTRY_POINT: 'http://localhost:9/sso',
    SAML_IDP_ISSUER: 'urn:test',
    SAML_IDP_CERTIFICATE: 'none',
    S3_BUCKET: 'paperlift',
    DYNAMODB_TABLE: 'paperlift',
    PAGES_QUEUE_URL: aws.queueUrl('paperlift-pages'),
    EXPORTS_QUEUE_URL: aws.queueUrl('paperlift-exports'),
    S3_ENDPOINT: aws.endpoint,
    SQS_ENDPOINT: aws.endpoint,
    DYNAMODB_ENDPOINT: database.endpoint,
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
    await services.stores.projects.create({ id, name: 'Faults', ownerId, ownerName: 'P', createdAt });
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
    const owner = { id: ownerId, name: 'P', email: 'p@example.com', groups: [services.config.groups.users] };
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

  /** A process of Paperlift's. `isUp` says whether a line of its log says that it has started. */
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

  /** What a browser has after a sign-in. https://www.npmjs.com/package/cookie-signature */
  async function beginSession() {
    const { people, sessionStore, config } = services;
    const person = { id: 'p', name: 'P', email: 'p@example.com', groups: [config.groups.users] };
    await people.save(person, new Date());
    const id = `${ulid()}.${person.id}`;
    const csrfToken = ulid();
    await new Promise<void>((resolve, reject) => {
      const data = { person, csrfToken, cookie: {} } as SessionData;
      sessionStore.set(id, data, (error) => (error ? reject(error) : resolve()));
    });
    const signature = createHmac('sha256', config.session.secret).update(id).digest('base64');
    const value = encodeURIComponent(`s:${id}.${signature.replace(/=+$/, '')}`);
    return { cookie: `paperlift=${value}`, csrfToken };
  }

  /** The same worker in this process: for faults that need no killed process. */
  function startWorkerHere({
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

  /** As at the end of the process: what they hold is finished or given back. */
  const stopWorkersHere = () => Promise.all(stops.map((stop) => stop()));

  const find = async (page: Page) => {
    const { Item } = await services.clients.documents.send(
      new GetCommand({
        TableName: 'paperlift',
        Key: { pk: `PROJECT#${page.projectId}`, sk: `PAGE#${page.id}` },
        ConsistentRead: true,
      }),
    );
    const item = Item && fromStoredPage<Page & Record<string, unknown>>(Item);
    return item && ({ ...item, ...(await services.stores.pages.withText(item)) } as typeof item);
  };

  /** Waits until every page is ready or failed. */
  async function settle(pages: Page[] = added, withinMs = 90_000) {
    const projectIds = [...new Set(pages.map((page) => page.projectId))];
    await waitFor(
      'every page to be ready or failed',
      async () => {
        const lists = await Promise.all(projectIds.map((id) => services.stores.pages.list(id)));
        const now = new Map(lists.flat().map((page) => [page.id, page]));
        return pages.every((page) => {
          const current = now.get(page.id);
          return current && isFinal(current);
        })
          ? true
          : undefined;
      },
      withinMs,
    );
    return Promise.all(pages.map(async (page) => (await find(page)) as Page));
  }

  async function countMessages(queue: string): Promise<number> {
    const { Attributes = {} } = await services.clients.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: aws.queueUrl(queue), AttributeNames: ['All'] }),
    );
    return (
      Number(Attributes.ApproximateNumberOfMessages) +
      Number(Attributes.ApproximateNumberOfMessagesNotVisible)
    );
  }

  async function listObjects(prefix = ''): Promise<string[]> {
    const { Contents = [] } = await services.clients.s3.send(
      new ListObjectsV2Command({ Bucket: 'paperlift', Prefix: prefix }),
    );
    return Contents.map(({ Key }) => Key as string);
  }

  /**
   * How often a page was given its final state. A call that its sender gave up has no status: on a busy machine the
   * database may have carried it out all the same, and the sender recognizes it as its own.
   */
  function countFinishes({ id }: Page): number {
    const finishes = proxies.database.calls.filter(({ operation, body }) => {
      if (operation !== 'UpdateItem' || !body.includes(id)) return false;
      const { Key, ExpressionAttributeValues: values } = JSON.parse(body.toString());
      return Key.sk.S === `PAGE#${id}` && ['ready', 'failed'].includes(values[':status']?.S);
    });
    const done = finishes.filter(({ status }) => status === 200).length;
    return done === 0 && finishes.some(({ status }) => status === undefined) ? 1 : done;
  }

  /**
   * What is true after every fault, once the pages are settled: every page final exactly once, its detection the one that
   * it names, its original as it was, the queues empty, nothing left over.
   */
  async function assertPromise({
    pages = added,
    dead = 0,
    leftovers = false,
  }: {
    pages?: Page[];
    /** Messages that belong in the dead-letter queue. */
    dead?: number;
    /** Whether objects of an attempt may be left: only when a process was killed on the way. */
    leftovers?: boolean;
  } = {}) {
    for (const page of pages) {
      const current = await find(page);
      assert.ok(current, 'the page is there');
      assert.ok(isFinal(current), `the page is final, not ${current.status}`);
      // The proxy notes an answer after the database has carried out what it answers.
      await waitFor('the page to be finished', async () => countFinishes(page) > 0 || undefined);
      assert.equal(countFinishes(page), 1, 'the page was finished exactly once');
      assert.deepEqual(
        [current.leaseOwner, current.leaseUntil, current.dueKey, current.dueAt],
        Array(4).fill(undefined),
      );
      const original = await services.blobs.read(current.originalKey);
      assert.equal(
        createHash('sha256').update(original).digest('hex'),
        current.sha256,
        'the original is as it was',
      );
      if (current.status === 'failed') assert.match(current.failure?.message ?? '', /\w+ \w+.*\./);
      else {
        const folder = `projects/${page.projectId}/pages/${page.id}/r${current.revision}/`;
        assert.ok(current.detectionKey?.startsWith(folder), 'the detection is of this page and revision');
        const detection: Detection = JSON.parse(
          (await services.blobs.read(current.detectionKey ?? '')).toString(),
        );
        assert.equal(textOf(detection), current.text);
        assert.equal((await services.blobs.read(current.imageKey ?? '')).readUInt16BE(0), 0xffd8);
      }
      if (!leftovers) {
        const named = [current.originalKey, current.imageKey, current.thumbnailKey, current.detectionKey];
        const expected = named.filter((key) => key !== undefined).sort();
        await waitFor(`nothing but ${expected.join(' and ')} to be there`, async () => {
          const objects = await listObjects(`projects/${page.projectId}/pages/${page.id}/`);
          return isDeepStrictEqual(objects.sort(), expected) ? true : undefined; // a page is final before all is tidy
        });
      }
    }
    for (const queue of queues) {
      await waitFor(`${queue} to be empty`, async () => (await countMessages(queue)) === 0 || undefined);
    }
    assert.equal(await countMessages('paperlift-pages-dead'), dead, 'messages in the dead-letter queue');
    assert.deepEqual(await readdir(temporary), [], 'no temporary file is left');
  }

  return {
    directory,
    temporary,
    proxies,
    services,
    env: proxied,
    queueUrl: aws.queueUrl,
    addProject,
    addPages,
    startWorker,
    startWeb,
    startWorkerHere,
    stopWorkersHere,
    lastChild: () => children.at(-1),
    find,
    settle,
    countMessages,
    countFinishes,
    listObjects,
    async listMultipartUploads() {
      const { Uploads = [] } = await services.clients.s3.send(
        new ListMultipartUploadsCommand({ Bucket: 'paperlift' }),
      );
      return Uploads;
    },
    assertPromise,

    /** Starts again: other pages, no faults. */
    clear() {
      added.length = 0;
      for (const proxy of Object.values(proxies)) proxy.clear();
    },

    /** Stops S3, SQS and DynamoDB, and starts them again where they were, with what they kept. */
    async restartStandIns(downMs: number) {
      assert.ok(onDisk, 'what is in memory is gone');
      const [awsPort, tablePort] = [aws.endpoint, database.endpoint].map((url) => Number(new URL(url).port));
      await Promise.all([aws.stop(), database.stop()]);
      await new Promise((resolve) => setTimeout(resolve, downMs));
      [aws, database] = await Promise.all([startAws(awsPort as number), startTable(tablePort as number)]);
    },

    async stop() {
      for (const child of children) {
        if (child.exitCode === null && child.signalCode === null) {
          child.kill('SIGKILL');
          await once(child, 'exit');
        }
      }
      await stopWorkersHere();
      services.destroy();
      await Promise.all([...Object.values(proxies), textract, aws, database].map((part) => part.stop()));
      await rm(directory, { recursive: true, force: true });
    },
  };
}
