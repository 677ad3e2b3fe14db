// S3 and SQS by fauxqs. Its `startFauxqs` listens on every interface, so the exported application is assembled here,
// with its stores, on a given address.
import { join } from 'node:path';
import { type BuildAppOptions, buildApp } from 'fauxqs';
import { closeServer, listenWithin, onLoopback, type Reach } from './loopback.ts';
import { listMultipartUploads } from './multipart-uploads.ts';
import { servePresignedRequests } from './presigned-requests.ts';
import { behaveLikeSqs } from './sqs-behaviour.ts';

type Stores = NonNullable<BuildAppOptions['stores']>;

const account = '000000000000';
const maxReceiveCount = 20;
const fourteenDays = String(14 * 24 * 3600);
// S3 accepts 5 GB in one PutObject; fauxqs buffers it, and stops at 11 MiB by default
const largestPut = 128 * 1024 * 1024;

/**
 * Starts S3 and SQS on one endpoint, with their state in the directory, or in memory without one. Creates the bucket
 * and the queues if missing.
 */
export async function startObjectStoreAndQueues(options: {
  directory?: string | undefined;
  port: number;
  reach?: Reach;
  region: string;
  bucket: string;
  queues: string[];
  /** Origins of pages whose scripts may use the bucket. */
  origins?: string[];
  /** The key that signs presigned URLs. */
  secretAccessKey?: string;
}) {
  const stores = await openStores(options.directory);
  const app = buildApp({ logger: false, defaultRegion: options.region, stores });
  app.removeContentTypeParser('*');
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: largestPut }, (_request, body, done) => {
    done(null, body);
  });
  servePresignedRequests(app, {
    origins: options.origins ?? [],
    secretAccessKey: options.secretAccessKey ?? 'local',
  });
  listMultipartUploads(app, stores.s3Store);
  behaveLikeSqs(app, stores.sqsStore);
  app.addHook('preClose', async () => {
    stores.sqsStore.persistence?.close();
  });
  await app.ready();
  const { reach = onLoopback } = options;
  const port = await listenWithin(reach, app.server, options.port);
  const endpoint = `http://${reach.name}:${port}`;

  stores.s3Store.createBucket(options.bucket);
  for (const name of options.queues) {
    const dead = `${name}-dead`;
    ensureQueue(dead, { MessageRetentionPeriod: fourteenDays });
    ensureQueue(name, {
      MessageRetentionPeriod: fourteenDays,
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf(dead), maxReceiveCount }),
    });
  }

  return {
    endpoint,
    /** A queue's URL by its name, with the current port. */
    queueUrl: (name: string) => `${endpoint}/${account}/${name}`,
    async stop() {
      await app.close();
      await closeServer(app.server);
    },
  };

  function arnOf(queue: string): string {
    return `arn:aws:sqs:${options.region}:${account}:${queue}`;
  }

  function ensureQueue(name: string, attributes: Record<string, string>): void {
    const existing = stores.sqsStore.getQueueByArn(arnOf(name));
    if (existing) existing.setAttributes(attributes);
    else stores.sqsStore.createQueue(name, `${endpoint}/${account}/${name}`, arnOf(name), attributes);
  }
}

/** Opens fauxqs's stores and loads the directory, in the same order as `startFauxqs`. */
async function openStores(directory: string | undefined): Promise<Stores> {
  const { SqsStore, SnsStore, S3Store, PersistenceManager, FileS3Persistence } = await importStores();
  const stores = { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() };
  if (!directory) return stores;
  const messages = new PersistenceManager(join(directory, 'sqs'));
  const objects = new FileS3Persistence(join(directory, 's3'));
  messages.loadSqsAndSns(stores.sqsStore, stores.snsStore);
  objects.loadS3(stores.s3Store);
  // only now: otherwise loading would rewrite every queue and drop its messages
  stores.sqsStore.persistence = messages;
  for (const queue of stores.sqsStore.allQueues()) queue.persistence = messages;
  stores.s3Store.persistence = objects;
  return stores;
}

type Messages = NonNullable<Stores['sqsStore']['persistence']>;
type Objects = NonNullable<Stores['s3Store']['persistence']> & { loadS3(store: Stores['s3Store']): void };

interface StoreModules {
  SqsStore: new () => Stores['sqsStore'];
  SnsStore: new () => Stores['snsStore'];
  S3Store: new () => Stores['s3Store'];
  PersistenceManager: new (directory: string) => Messages;
  FileS3Persistence: new (directory: string) => Objects;
}

// the stores are part of `buildApp`’s signature, but the package exports only its main file
async function importStores(): Promise<StoreModules> {
  const files = ['sqs/sqsStore', 'sns/snsStore', 's3/s3Store', 'persistence', 's3/fileS3Persistence'];
  const main = import.meta.resolve('fauxqs');
  const modules = await Promise.all(files.map((file) => import(new URL(`./${file}.js`, main).href)));
  return Object.assign({}, ...modules) as StoreModules;
}
