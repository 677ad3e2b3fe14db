// Every metric, once: its type, unit, labels and help, the same for Prometheus and CloudWatch. docs/operations.md lists them.

interface Definition {
  type: 'counter' | 'gauge' | 'histogram';
  unit: 'Count' | 'Seconds' | 'None';
  help: string;
  labels: readonly string[];
  /** Upper bounds, of a histogram. */
  buckets?: number[];
  /** Label values that a counter has from the start, at zero: Prometheus sees no increase in a series that begins above it. */
  starts?: Record<string, string>[];
}

const fast = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const slow = [1, 2.5, 5, 10, 20, 30, 60, 120, 300, 900, 3600];

export const metrics = {
  paperlift_http_requests_total: {
    type: 'counter',
    unit: 'Count',
    help: 'Requests by class of route (page, api, sign-in, phone, directory, asset, health) and status.',
    labels: ['class', 'status'],
  },
  paperlift_http_request_seconds: {
    type: 'histogram',
    unit: 'Seconds',
    help: 'Time from a request to the end of its answer, by class of route.',
    labels: ['class'],
    buckets: fast,
  },
  paperlift_queue_depth: {
    type: 'gauge',
    unit: 'Count',
    help: 'Messages that wait in a queue. Each worker reports it.',
    labels: ['queue'],
  },
  paperlift_queue_in_flight: {
    type: 'gauge',
    unit: 'Count',
    help: 'Messages of a queue that workers have received and not finished. Each worker reports it.',
    labels: ['queue'],
  },
  paperlift_queue_age_seconds: {
    type: 'gauge',
    unit: 'Seconds',
    help: 'Age of the oldest message in what this worker received last; 0 after an answer without messages.',
    labels: ['queue'],
  },
  paperlift_queue_wait_seconds: {
    type: 'histogram',
    unit: 'Seconds',
    help: 'Time from the sending of a job to its start.',
    labels: ['queue'],
    buckets: slow,
  },
  paperlift_pages_total: {
    type: 'counter',
    unit: 'Count',
    help: 'Pages that were finished, by outcome (ready, failed) and the code of the failure.',
    labels: ['outcome', 'code'],
    starts: [{ outcome: 'ready', code: '' }],
  },
  paperlift_page_seconds: {
    type: 'histogram',
    unit: 'Seconds',
    help: 'Time from the upload of a page to its text.',
    labels: [],
    buckets: slow,
  },
  paperlift_detector_calls_total: {
    type: 'counter',
    unit: 'Count',
    help: 'Calls of the text detector by outcome (detected, refused, try-again).',
    labels: ['outcome'],
    starts: [{ outcome: 'detected' }, { outcome: 'refused' }, { outcome: 'try-again' }],
  },
  paperlift_detector_cost_total: {
    type: 'counter',
    unit: 'None',
    help: 'Price of the calls that detected text, by DETECTOR_PRICE_PER_PAGE and in its currency.',
    labels: [],
    starts: [{}],
  },
  paperlift_step_calls_total: {
    type: 'counter',
    unit: 'Count',
    help: 'Calls of optional steps (moderation, translation) by outcome (passed, flagged, translated, unchanged, refused, try-again).',
    labels: ['step', 'outcome'],
    starts: [
      { step: 'moderation', outcome: 'passed' },
      { step: 'moderation', outcome: 'try-again' },
      { step: 'translation', outcome: 'translated' },
      { step: 'translation', outcome: 'try-again' },
    ],
  },
  paperlift_step_cost_total: {
    type: 'counter',
    unit: 'None',
    help: 'Price of the calls of optional steps, by MODERATION_PRICE_PER_IMAGE and TRANSLATION_PRICE_PER_MILLION_CHARACTERS.',
    labels: ['step'],
    starts: [{ step: 'moderation' }, { step: 'translation' }],
  },
  paperlift_exports_total: {
    type: 'counter',
    unit: 'Count',
    help: 'Exports that were finished, by format, outcome (ready, failed) and the code of the failure.',
    labels: ['format', 'outcome', 'code'],
  },
  paperlift_export_seconds: {
    type: 'histogram',
    unit: 'Seconds',
    help: 'Time from the request of an export to its file, by format.',
    labels: ['format'],
    buckets: slow,
  },
  paperlift_sign_ins_total: {
    type: 'counter',
    unit: 'Count',
    help: 'Sign-ins by outcome (accepted, refused) and the reason of the refusal.',
    labels: ['outcome', 'reason'],
    starts: [{ outcome: 'accepted', reason: '' }],
  },
  paperlift_deliveries_total: {
    type: 'counter',
    unit: 'Count',
    help: 'Attempts to deliver an event, by kind of listener (webhook, bus, rule) and outcome (delivered, failed).',
    labels: ['kind', 'outcome'],
    starts: [
      { kind: 'webhook', outcome: 'delivered' },
      { kind: 'webhook', outcome: 'failed' },
      { kind: 'bus', outcome: 'delivered' },
      { kind: 'bus', outcome: 'failed' },
    ],
  },
  paperlift_sweeper_repairs_total: {
    type: 'counter',
    unit: 'Count',
    help: 'Items whose message or worker was lost and that the sweeper sent again, by kind.',
    labels: ['kind'],
    starts: [{ kind: 'PAGE' }, { kind: 'EXPORT' }, { kind: 'IMPORT' }],
  },
} as const satisfies Record<string, Definition>;

type Defined = typeof metrics;
export type MetricName = keyof Defined;
type OfType<Type extends Definition['type']> = {
  [Name in MetricName]: Defined[Name]['type'] extends Type ? Name : never;
}[MetricName];
type Labels<Name extends MetricName> = Record<Defined[Name]['labels'][number], string>;

/** Where values go. */
export interface MetricSink {
  record(name: MetricName, labels: Record<string, string>, value: number): void;
}

/** Records into every sink; without any, does nothing. */
export function createMetrics(sinks: MetricSink[] = []) {
  const readers: (() => Promise<unknown>)[] = [];
  const record = (name: MetricName, labels: Record<string, string>, value: number) => {
    for (const sink of sinks) sink.record(name, labels, value);
  };
  return {
    count: <Name extends OfType<'counter'>>(name: Name, labels: Labels<Name>, by = 1) =>
      record(name, labels, by),
    observe: <Name extends OfType<'histogram'>>(name: Name, labels: Labels<Name>, value: number) =>
      record(name, labels, value),
    set: <Name extends OfType<'gauge'>>(name: Name, labels: Labels<Name>, value: number) =>
      record(name, labels, value),

    /** Adds what sets gauges shortly before they are read. */
    onRead(read: () => Promise<unknown>) {
      readers.push(read);
    },

    /** Sets the gauges. What cannot be read now keeps its value. */
    async readGauges() {
      if (sinks.length > 0) await Promise.allSettled(readers.map((read) => read()));
    },
  };
}

export type Metrics = ReturnType<typeof createMetrics>;

export const definitionOf = (name: MetricName): Definition => metrics[name];
