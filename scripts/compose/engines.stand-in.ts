// Stand-ins for the engines of docker-compose.onprem.yml, at the addresses that its services use. The service `setup`
// creates bucket, table and queues.
import { join } from 'node:path';
import { startDatabase } from '../../src/local/database.stand-in.ts';
import { startObjectStoreAndQueues } from '../../src/local/object-store-and-queues.stand-in.ts';

/** Starts them on these ports of the loopback address. Returns a function that stops them. */
export async function startEngines(options: {
  directory: string;
  ports: { s3: number; queues: number; database: number };
}) {
  const { directory, ports } = options;
  const startFauxqs = (name: string, port: number) =>
    startObjectStoreAndQueues({
      directory: join(directory, name),
      port,
      region: 'us-east-1',
      bucket: 'another',
      queues: [],
    });
  const engines = [
    await startFauxqs('engine-s3', ports.s3),
    await startFauxqs('engine-queues', ports.queues),
    await startDatabase({
      directory: join(directory, 'engine-database'),
      port: ports.database,
      table: 'another',
    }),
  ];
  return async () => {
    for (const { stop } of engines) await stop();
  };
}
