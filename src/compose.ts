// The only wiring: config -> SDK clients -> stores -> services.
import { hostname } from 'node:os';
import { ulid } from 'ulid';
import { composeFeatures } from './compose/features.ts';
import { composeFoundation } from './compose/foundation.ts';
import { composeSignIn } from './compose/sign-in.ts';
import type { Config } from './config/config.ts';
import { createLogger, type Logger } from './runtime/logger.ts';
import { createMetrics, type Metrics } from './runtime/metrics.ts';
import type { Tracer } from './runtime/trace.ts';

interface Injected {
  now?: () => Date;
  logger?: Logger;
  /** Missing where traces are off. */
  tracer?: Tracer | undefined;
  metrics?: Metrics | undefined;
}

/** Everything the web process needs, and the stores that the worker shares. Only time, the log and telemetry are injected. */
export function compose(config: Config, injected: Injected = {}) {
  const now = injected.now ?? (() => new Date());
  const logger = injected.logger ?? createLogger({ level: config.logLevel });
  const metrics = injected.metrics ?? createMetrics();
  const foundation = composeFoundation({ config, logger, metrics, now });
  const { clients, blobs, queues, stores, inFlight } = foundation;
  const signIn = composeSignIn(foundation);

  return {
    ...foundation,
    tracer: injected.tracer,
    ...signIn,
    ...composeFeatures(foundation, signIn),
    searchEngine: stores.searchEngine,
    rebuildSearchIndex: stores.rebuildSearchIndex,
    dueItems: stores.dueItems,
    checks: {
      database: async () => {
        const { checkTable } = await import('./aws/dynamodb.client.ts');
        await checkTable(clients.documents, config.aws.dynamodb.table);
      },
      storage: blobs.check,
      queue: queues.pages.check,
    },
    /** Resolves when no work of requests or jobs is in flight, or after that many milliseconds. */
    settle: inFlight.settle,
    track: inFlight.track,
    workerId: `${hostname()}-${process.pid}-${ulid()}`,
    destroy: clients.destroy,
  };
}

export type Services = ReturnType<typeof compose>;
