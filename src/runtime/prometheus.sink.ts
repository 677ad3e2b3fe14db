// Metrics as Prometheus scrapes them. Loaded only where METRICS_PORT is set.
import { createServer } from 'node:http';
import { Counter, Gauge, Histogram, Registry } from '@prometheus-io/client';
import { definitionOf, type MetricName, type MetricSink, metrics } from './metrics.ts';

export function createPrometheusSink(): MetricSink & { present: () => Promise<string>; contentType: string } {
  const registry = new Registry();
  const recorders = new Map<string, (labels: Record<string, string>, value: number) => void>();
  for (const name of Object.keys(metrics) as MetricName[]) {
    const { type, help, labels, buckets, starts = [] } = definitionOf(name);
    const options = { name, help, labelNames: [...labels], registers: [registry] };
    if (type === 'counter') {
      const counter = new Counter(options);
      for (const given of starts) counter.inc(given, 0);
      recorders.set(name, (given, value) => counter.inc(given, value));
    } else if (type === 'gauge') {
      const gauge = new Gauge(options);
      recorders.set(name, (given, value) => gauge.set(given, value));
    } else {
      const histogram = new Histogram({ ...options, buckets: buckets ?? [] });
      recorders.set(name, (given, value) => histogram.observe(given, value));
    }
  }
  return {
    record: (name, labels, value) => recorders.get(name)?.(labels, value),
    present: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** Serves `GET /metrics` on a port of its own, which is for the operator's network alone. */
export async function serveMetrics(
  sink: ReturnType<typeof createPrometheusSink>,
  { port, host, readGauges }: { port: number; host: string; readGauges: () => Promise<void> },
) {
  const server = createServer(async (request, response) => {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    await readGauges();
    response.setHeader('content-type', sink.contentType).end(await sink.present());
  });
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return {
    address: server.address(),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
