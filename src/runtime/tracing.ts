import type { Logger } from './logger.ts';
import type { Tracer } from './trace.ts';
import type { SignRequest, TraceSettings } from './trace-settings.ts';

/**
 * The tracer, loaded only where traces are on. `service` names the process unless OTEL_SERVICE_NAME does. `createSigner`
 * gives what signs requests to that address, if they need it.
 */
export async function startTracing(
  settings: TraceSettings | undefined,
  service: 'paperlift-web' | 'paperlift-worker',
  logger: Logger,
  createSigner: (url: string) => Promise<SignRequest | undefined>,
): Promise<Tracer | undefined> {
  if (!settings) return undefined;
  const { createOtelTracer } = await import('./otel.tracer.ts');
  const resource = { 'service.name': service, ...settings.resource };
  return createOtelTracer(settings, resource, logger, await createSigner(settings.url));
}
