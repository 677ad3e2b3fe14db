import type { Logger } from './logger.ts';
import type { Tracer } from './trace.ts';
import type { TraceSettings } from './trace-settings.ts';

/** The tracer, loaded only where traces are on. `service` names the process unless OTEL_SERVICE_NAME does. */
export async function startTracing(
  settings: TraceSettings | undefined,
  service: 'paperlift-web' | 'paperlift-worker',
  logger: Logger,
): Promise<Tracer | undefined> {
  if (!settings) return undefined;
  const { createOtelTracer } = await import('./otel.tracer.ts');
  return createOtelTracer(settings, { 'service.name': service, ...settings.resource }, logger);
}
