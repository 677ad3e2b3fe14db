import type { Logger } from './logger.ts';
import { createMetrics, type MetricSink } from './metrics.ts';

export interface MetricSettings {
  /** Where Prometheus scrapes; `undefined`: nowhere. */
  port: number | undefined;
  host: string;
  /** The namespace in CloudWatch; `undefined`: no lines for it. */
  emfNamespace: string | undefined;
}

const everyMs = 60_000;

/** The metrics of a process and where they go. Nothing is loaded for what is off. */
export async function startMeasuring({ port, host, emfNamespace }: MetricSettings, logger: Logger) {
  const sinks: MetricSink[] = [];
  const stops: (() => void)[] = [];
  const emf =
    emfNamespace === undefined
      ? undefined
      : (await import('./emf.sink.ts')).createEmfSink({ namespace: emfNamespace, logger });
  if (emf) sinks.push(emf);
  const prometheus = port === undefined ? undefined : await import('./prometheus.sink.ts');
  const scraped = prometheus?.createPrometheusSink();
  if (scraped) sinks.push(scraped);
  const metrics = createMetrics(sinks);
  let address: unknown;
  if (prometheus && scraped && port !== undefined) {
    const server = await prometheus.serveMetrics(scraped, { port, host, readGauges: metrics.readGauges });
    address = server.address;
    stops.push(server.close);
  }
  if (emf) {
    const timer = setInterval(() => metrics.readGauges().finally(emf.write), everyMs);
    timer.unref();
    stops.push(() => clearInterval(timer), emf.write);
  }

  return {
    metrics,
    address,
    /** Writes what was recorded, where the process may be frozen at any time. */
    write: () => emf?.write(),
    stop() {
      for (const stop of stops) stop();
    },
  };
}
