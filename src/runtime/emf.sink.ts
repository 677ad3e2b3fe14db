// Metrics as lines of the log that CloudWatch turns into metrics (embedded metric format). One line a minute for each set of
// label values: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
import type { Logger } from './logger.ts';
import { definitionOf, type MetricName, type MetricSink } from './metrics.ts';

/** CloudWatch's limit of values of one metric in a line. */
const maxValues = 100;

interface Group {
  labels: Record<string, string>;
  values: Map<MetricName, number[]>;
}

export function createEmfSink({
  namespace,
  logger,
  now = Date.now,
}: {
  namespace: string;
  logger: Logger;
  now?: () => number;
}): MetricSink & { write: () => void } {
  // written whatever LOG_LEVEL is, and without a search for secrets: names and numbers are all there is
  const lines = logger.child({}, { level: 'info', redact: [] });
  let groups = new Map<string, Group>();

  function writeGroup({ labels, values }: Group) {
    const some = [...values].map(([name, all]) => [name, all.slice(0, maxValues)] as const);
    const rest = [...values].filter(([, all]) => all.length > maxValues);
    const metrics = some.map(([name]) => ({ Name: name, Unit: definitionOf(name).unit }));
    const dimensions = [Object.keys(labels)];
    lines.info(
      {
        _aws: {
          Timestamp: now(),
          CloudWatchMetrics: [{ Namespace: namespace, Dimensions: dimensions, Metrics: metrics }],
        },
        ...labels,
        ...Object.fromEntries(some.map(([name, all]) => [name, all.length === 1 ? all[0] : all])),
      },
      'metrics',
    );
    if (rest.length > 0)
      writeGroup({ labels, values: new Map(rest.map(([name, all]) => [name, all.slice(maxValues)])) });
  }

  return {
    record(name, given, value) {
      // CloudWatch takes no empty value of a dimension
      const labels = Object.fromEntries(
        Object.entries(given).map(([label, text]) => [label, text || 'none']),
      );
      const key = JSON.stringify(labels);
      const group = groups.get(key) ?? { labels, values: new Map<MetricName, number[]>() };
      groups.set(key, group);
      const values = group.values.get(name) ?? [];
      const { type } = definitionOf(name);
      if (type === 'histogram') values.push(value);
      else if (type === 'gauge') values[0] = value;
      else values[0] = (values[0] ?? 0) + value;
      group.values.set(name, values);
    },

    /** Writes what was recorded since the last time. */
    write() {
      const written = groups;
      groups = new Map();
      for (const group of written.values()) writeGroup(group);
    },
  };
}
