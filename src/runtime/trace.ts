// The port for traces. What runs knows its span by the asynchronous context; where no span is open, as always when traces
// are off, nothing is recorded and nothing of OpenTelemetry is loaded. docs/decisions/0064-traces.md
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import type { Phase, Phases } from './phases.ts';

/** Names, counts and codes alone: never a person, a text, a token or a query. */
export type Attributes = Record<string, string | number | boolean | undefined>;

export interface SpanOptions {
  kind?: 'server' | 'client' | 'producer' | 'consumer';
  attributes?: Attributes;
  /** In milliseconds since the epoch; now by default. */
  startedAt?: number;
}

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  /** The W3C header that names this span as a parent: https://www.w3.org/TR/trace-context/#traceparent-header */
  readonly traceparent: string;
  startChild(name: string, options?: SpanOptions): Span;
  rename(name: string): void;
  set(attributes: Attributes): void;
  /** Something that happened meanwhile. */
  note(event: string, attributes?: Attributes): void;
  /** The span failed with this error, of which the name alone is recorded: messages may hold anything. */
  fail(error: unknown): void;
  end(at?: number): void;
}

export interface Tracer {
  /** A span without a parent in this process. `parent` is a traceparent that came with a request or a message. */
  start(name: string, options?: SpanOptions & { parent?: string | undefined }): Span;
  /** Sends what has ended. Resolves when it was sent, or after that many milliseconds. Never rejects. */
  flush(withinMs: number): Promise<void>;
}

interface Work {
  span?: Span | undefined;
  phases?: Phases | undefined;
}

const current = new AsyncLocalStorage<Work>();

/** Runs `work` in this context, and everything that it starts. */
export const runIn = <T>(context: Work, work: () => T): T => current.run(context, work);

export const currentSpan = (): Span | undefined => current.getStore()?.span;

/** The function, bound to the present context: for listeners that others call. */
export const keepContext = AsyncResource.bind;

/** The time of day with fractions of a millisecond. */
export const preciseNow = () => performance.timeOrigin + performance.now();

/** Runs `work` in a span below the current one, if there is one. */
export async function inSpan<T>(
  name: string,
  work: (span: Span | undefined) => Promise<T>,
  options?: SpanOptions,
): Promise<T> {
  const context = current.getStore();
  if (!context?.span) return work(undefined);
  return within(context.span.startChild(name, options), context, work);
}

/** Runs `work` in a span that another process may have caused. Without a tracer, runs it alone. */
export async function inRootSpan<T>(
  tracer: Tracer | undefined,
  name: string,
  options: SpanOptions & { parent?: string | undefined },
  work: (span: Span | undefined) => Promise<T>,
): Promise<T> {
  return tracer ? within(tracer.start(name, options), {}, work) : work(undefined);
}

async function within<T>(span: Span, context: Work, work: (span: Span) => Promise<T>): Promise<T> {
  try {
    return await current.run({ ...context, span }, () => work(span));
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    span.end();
  }
}

/** Starts a phase of the current request. Returns the function that ends it. */
export function beginPhase(phase: Phase): () => void {
  return current.getStore()?.phases?.begin(phase) ?? nothing;
}

const nothing = () => {};

/**
 * A phase of the current request that is a span too, of work that calls `next` when it is done; `next` then runs in the
 * context from before.
 */
export function beginSpannedPhase(phase: Phase, run: (next: () => void) => unknown, next: () => void) {
  const context = current.getStore();
  if (!context) return run(next);
  const end = context.phases?.begin(phase) ?? nothing;
  const span = context.span?.startChild(phase);
  current.run({ ...context, span }, () =>
    run(() => {
      end();
      span?.end();
      current.run(context, next);
    }),
  );
}
