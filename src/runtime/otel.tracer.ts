// Traces by OpenTelemetry's SDK, sent by OTLP over HTTP. Loaded only where traces are on.
import {
  type Attributes as OtelAttributes,
  type Span as OtelSpan,
  type Tracer as OtelTracer,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { isPaperliftError } from '../errors.ts';
import type { Logger } from './logger.ts';
import { createSignedExporter } from './signed-trace.exporter.ts';
import type { Attributes, Span, SpanOptions, Tracer } from './trace.ts';
import type { SignRequest, TraceSettings } from './trace-settings.ts';

/** A collector that is down is reported this often at most. */
const reportEveryMs = 60_000;

/** Errors of AWS that are answers: a condition that is not met, an object that does not exist. */
const answers = new Set(['ConditionalCheckFailedException', 'NoSuchKey', 'NotFound']);

const kinds = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

export function createOtelTracer(
  settings: TraceSettings,
  resource: Attributes,
  logger: Logger,
  sign?: SignRequest,
): Tracer {
  const { url, headers, timeoutMs, compression, batch } = settings;
  const exporter = sign
    ? createSignedExporter(settings, sign)
    : new OTLPTraceExporter({
        url,
        headers,
        timeoutMillis: timeoutMs,
        compression: compression as never, // an enum of a package that is internal to the exporter
      });
  const provider = new TracerProvider({
    resource: resourceFromAttributes(defined(resource)),
    sampler: samplerOf(settings.sampler),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: reportFailures(exporter, logger),
        scheduledDelayMillis: batch.delayMs,
        maxQueueSize: batch.maxQueue,
        maxExportBatchSize: Math.min(batch.maxSize, batch.maxQueue),
        exportTimeoutMillis: batch.timeoutMs,
      }),
    ],
  });
  const tracer = provider.getTracer('paperlift');

  return {
    start: (name, { parent, ...options } = {}) => {
      const remote = parent === undefined ? undefined : parseTraceparent(parent);
      return begin(tracer, name, options, remote ? trace.setSpanContext(ROOT_CONTEXT, remote) : ROOT_CONTEXT);
    },

    async flush(withinMs) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, Math.max(0, withinMs));
      // the exporter's failures are reported where they happen
      await Promise.race([provider.forceFlush().catch(() => {}), promise]);
      clearTimeout(timer);
    },
  };
}

function begin(tracer: OtelTracer, name: string, options: SpanOptions, parent = ROOT_CONTEXT): Span {
  const { kind, attributes = {}, startedAt } = options;
  const otel = tracer.startSpan(
    name,
    {
      kind: kind ? kinds[kind] : SpanKind.INTERNAL,
      attributes: defined(attributes),
      ...(startedAt === undefined ? {} : { startTime: startedAt }),
    },
    parent,
  );
  return otel.isRecording() ? recorded(tracer, otel) : unrecorded(otel);
}

function recorded(tracer: OtelTracer, otel: OtelSpan): Span {
  const { traceId, spanId } = otel.spanContext();
  let asParent: typeof ROOT_CONTEXT | undefined;
  return {
    traceId,
    spanId,
    get traceparent() {
      return presentTraceparent(otel);
    },
    startChild(name, options = {}) {
      asParent ??= trace.setSpan(ROOT_CONTEXT, otel);
      return begin(tracer, name, options, asParent);
    },
    rename: (name) => otel.updateName(name),
    set: (attributes) => otel.setAttributes(defined(attributes)),
    note: (event, attributes = {}) => otel.addEvent(event, defined(attributes)),
    fail(error) {
      const name = nameOf(error);
      otel.setAttribute('error.type', name);
      if (!answers.has(name)) otel.setStatus({ code: SpanStatusCode.ERROR });
    },
    end: (at) => otel.end(at),
  };
}

/** A trace that is not sampled: its parts are not made at all, and whoever is called next is told. */
function unrecorded(otel: OtelSpan): Span {
  const { traceId, spanId } = otel.spanContext();
  const ignore = () => {};
  const span: Span = {
    traceId,
    spanId,
    traceparent: presentTraceparent(otel),
    startChild: () => span,
    rename: ignore,
    set: ignore,
    note: ignore,
    fail: ignore,
    end: ignore,
  };
  return span;
}

function samplerOf({ name, ratio }: TraceSettings['sampler']): Sampler {
  const roots = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio),
  };
  const [, parentBased, rootName] = /^(parentbased_)?(.*)$/.exec(name) ?? [];
  const root = roots[rootName as keyof typeof roots]();
  return parentBased ? new ParentBasedSampler({ root }) : root;
}

/** An exporter that is silent about a collector that is down would leave an operator without a trace of the reason. */
function reportFailures(exporter: SpanExporter, logger: Logger): SpanExporter {
  let reportedAt = Number.NEGATIVE_INFINITY;
  let lost = 0;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.code !== 0) lost += spans.length;
        const isDue = performance.now() - reportedAt > reportEveryMs;
        if (result.code !== 0 && isDue) {
          reportedAt = performance.now();
          logger.warn({ err: result.error, spans: lost }, 'could not send spans to the collector');
          lost = 0;
        }
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}

function parseTraceparent(header: string) {
  const [, traceId = '', spanId = '', flags = ''] =
    /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/.exec(header) ?? [];
  if (!trace.isSpanContextValid({ traceId, spanId, traceFlags: 0 })) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
}

function presentTraceparent(otel: OtelSpan): string {
  const { traceId, spanId, traceFlags } = otel.spanContext();
  return `00-${traceId}-${spanId}-0${traceFlags & TraceFlags.SAMPLED}`;
}

/** The error's name or code, or its cause's where it was translated for people. */
function nameOf(error: unknown): string {
  if (isPaperliftError(error)) return error.cause === undefined ? error.code : nameOf(error.cause);
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  return typeof code === 'string' && name === 'Error' ? code : String(name ?? 'unknown');
}

function defined(attributes: Attributes): OtelAttributes {
  const given: OtelAttributes = {};
  for (const name in attributes) if (attributes[name] !== undefined) given[name] = attributes[name];
  return given;
}
