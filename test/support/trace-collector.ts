// A collector: receives OTLP over HTTP as JSON (https://opentelemetry.io/docs/specs/otlp/#otlphttp).
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { waitFor } from './wait.ts';

interface Sent {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: { spans: SentSpan[] }[];
  }[];
}

interface Attribute {
  key: string;
  value: { stringValue?: string; intValue?: number | string; boolValue?: boolean; doubleValue?: number };
}

interface SentSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  events: { name: string; attributes: Attribute[] }[];
  status: { code?: number };
}

export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  name: string;
  service: unknown;
  startedAt: number;
  ms: number;
  attributes: Record<string, unknown>;
  events: { name: string; attributes: Record<string, unknown> }[];
  hasFailed: boolean;
}

export async function startTraceCollector() {
  const spans: ReceivedSpan[] = [];
  const bodies: string[] = [];
  const requests: { path: string; headers: NodeJS.Dict<string | string[]> }[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    requests.push({ path: request.url ?? '', headers: request.headers });
    bodies.push(body);
    for (const { resource, scopeSpans } of (JSON.parse(body) as Sent).resourceSpans) {
      const service = readAttributes(resource.attributes)['service.name'];
      spans.push(...scopeSpans.flatMap((scope) => scope.spans).map((span) => readSpan(span, service)));
    }
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  /** A span's parents, nearest first. */
  function parentsOf(span: ReceivedSpan): ReceivedSpan[] {
    const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
    return parent ? [parent, ...parentsOf(parent)] : [];
  }

  return {
    url,
    spans,
    /** Everything that was sent, as text. */
    text: () => bodies.join('\n'),
    requests,
    /** What a process needs so that its spans arrive here soon. */
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_BSP_SCHEDULE_DELAY: '50' },
    /** The first span of this name that is as asked; waits for it. */
    find: (name: string | RegExp, isMeant: (span: ReceivedSpan) => boolean = () => true) =>
      waitFor(`the span ${name}`, async () =>
        spans.find(
          (span) => (typeof name === 'string' ? span.name === name : name.test(span.name)) && isMeant(span),
        ),
      ),
    parentsOf,
    /** The same, once all of them have ended. */
    allParentsOf: (span: ReceivedSpan) =>
      waitFor('the parents of a span', async () => {
        const parents = parentsOf(span);
        return parents.length > 0 && parents.at(-1)?.parentSpanId === undefined ? parents : undefined;
      }),
    clear: () => spans.splice(0),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type TraceCollector = Awaited<ReturnType<typeof startTraceCollector>>;

function readSpan(span: SentSpan, service: unknown): ReceivedSpan {
  const startedAt = Number(BigInt(span.startTimeUnixNano) / 1000n) / 1000;
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId || undefined,
    name: span.name,
    service,
    startedAt,
    ms: Number(BigInt(span.endTimeUnixNano) / 1000n) / 1000 - startedAt,
    attributes: readAttributes(span.attributes),
    events: span.events.map(({ name, attributes }) => ({ name, attributes: readAttributes(attributes) })),
    hasFailed: span.status.code === 2,
  };
}

function readAttributes(attributes: Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
