// Sends spans as OTLP/JSON in requests that are signed one by one. The SDK's own exporter cannot sign what it sends.
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { SignRequest, TraceSettings } from './trace-settings.ts';

export function createSignedExporter(
  { url, headers, timeoutMs }: Pick<TraceSettings, 'url' | 'headers' | 'timeoutMs'>,
  sign: SignRequest,
): SpanExporter {
  async function send(spans: Parameters<SpanExporter['export']>[0]) {
    const body = JsonTraceSerializer.serializeRequest(spans);
    if (!body) return;
    const signed = await sign({ headers: { ...headers, 'content-type': 'application/json' }, body });
    const signal = AbortSignal.timeout(timeoutMs);
    const answer = await fetch(url, { method: 'POST', headers: signed, body: Buffer.from(body), signal });
    const said = await answer.text(); // also so that the connection is used again
    if (!answer.ok) throw new Error(`${answer.status} ${said.slice(0, 200)}`);
  }

  return {
    export(spans, done) {
      send(spans).then(
        () => done({ code: 0 }),
        (error: Error) => done({ code: 1, error }),
      );
    },
    async forceFlush() {},
    async shutdown() {},
  };
}
