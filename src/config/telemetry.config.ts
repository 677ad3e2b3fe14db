// OpenTelemetry's own variables: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ and
// https://opentelemetry.io/docs/specs/otel/protocol/exporter/, and our own of the metrics. The SDK reads none of them itself, so that they may lie in the
// secret, and so that mistakes are reported like all others.
import * as z from 'zod';
import type { TraceSettings } from '../runtime/trace-settings.ts';

const ms = z.coerce.number().int().positive();
const count = z.coerce.number().int().positive();
const optionalUrl = z.url({ protocol: /^https?$/ }).optional();

/** `name=value,name=value`, the values percent-encoded, as in W3C Baggage. */
const pairs = z
  .string()
  .default('')
  .transform((list, context) => {
    const found: Record<string, string> = {};
    for (const pair of list.split(',').filter((part) => part.trim() !== '')) {
      const at = pair.indexOf('=');
      try {
        if (at < 1) throw new Error('no name');
        found[pair.slice(0, at).trim()] = decodeURIComponent(pair.slice(at + 1).trim());
      } catch {
        context.addIssue('must be name=value pairs, separated by commas, the values percent-encoded');
      }
    }
    return found;
  });

const protocol = z.literal('http/json', 'only http/json is supported').optional();

export const telemetryVariables = {
  OTEL_SDK_DISABLED: z.stringbool().default(false),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none']).default('otlp'),
  OTEL_EXPORTER_OTLP_ENDPOINT: optionalUrl,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: optionalUrl,
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_HEADERS: pairs,
  OTEL_EXPORTER_OTLP_TIMEOUT: ms.default(10_000),
  OTEL_EXPORTER_OTLP_COMPRESSION: z.enum(['none', 'gzip']).default('none'),
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_RESOURCE_ATTRIBUTES: pairs,
  OTEL_TRACES_SAMPLER: z
    .enum([
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ])
    .default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  OTEL_BSP_SCHEDULE_DELAY: ms.default(5000),
  OTEL_BSP_MAX_QUEUE_SIZE: count.default(2048),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: count.default(512),
  OTEL_BSP_EXPORT_TIMEOUT: ms.default(30_000),
  METRICS_PORT: z.coerce.number().int().min(0).max(65535).optional(),
  METRICS: z.enum(['none', 'emf']).default('none'),
  METRICS_NAMESPACE: z.string().min(1).max(255).default('Paperlift'),
  DETECTOR_PRICE_PER_PAGE: z.coerce.number().min(0).optional(),
  MODERATION_PRICE_PER_IMAGE: z.coerce.number().min(0).optional(),
  TRANSLATION_PRICE_PER_MILLION_CHARACTERS: z.coerce.number().min(0).optional(),
};

type Variables = z.infer<z.ZodObject<typeof telemetryVariables>>;

/** `undefined`: traces are off. */
export function readTraceSettings(env: Variables): TraceSettings | undefined {
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const url =
    env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (base && `${base.replace(/\/$/, '')}/v1/traces`) ?? undefined;
  if (!url || env.OTEL_SDK_DISABLED || env.OTEL_TRACES_EXPORTER === 'none') return undefined;
  return {
    url,
    headers: env.OTEL_EXPORTER_OTLP_HEADERS,
    timeoutMs: env.OTEL_EXPORTER_OTLP_TIMEOUT,
    compression: env.OTEL_EXPORTER_OTLP_COMPRESSION,
    sampler: { name: env.OTEL_TRACES_SAMPLER, ratio: env.OTEL_TRACES_SAMPLER_ARG },
    batch: {
      delayMs: env.OTEL_BSP_SCHEDULE_DELAY,
      maxQueue: env.OTEL_BSP_MAX_QUEUE_SIZE,
      maxSize: env.OTEL_BSP_MAX_EXPORT_BATCH_SIZE,
      timeoutMs: env.OTEL_BSP_EXPORT_TIMEOUT,
    },
    resource: {
      ...env.OTEL_RESOURCE_ATTRIBUTES,
      ...(env.OTEL_SERVICE_NAME ? { 'service.name': env.OTEL_SERVICE_NAME } : {}),
    },
  };
}
