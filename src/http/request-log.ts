import type { Request, RequestHandler, Response } from 'express';
import { ulid } from 'ulid';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { createPhases, type Phase, type Phases } from '../runtime/phases.ts';
import { beginSpannedPhase, preciseNow, runIn, type Span, type Tracer } from '../runtime/trace.ts';
import { queuedSince } from './queued-since.ts';
import { classOf, routeOf } from './route-of.ts';

interface Dependencies {
  logger: Logger;
  tracer?: Tracer | undefined;
  metrics: Metrics;
}

/** Asked every few seconds by machines, or by every page: their spans would hide the others. */
const untraced = /^\/(health|assets)\//;

/**
 * Gives each request an id and, where traces are on, a span; logs it with its phases when it is answered. Leaves out the
 * query, which may be private.
 */
export function logRequests({ logger, tracer, metrics }: Dependencies): RequestHandler {
  // the line's fields are fixed and none is secret: looking for secrets would take longer than the rest of it
  const lines = logger.child({}, { redact: [] });
  return (request, response, next) => {
    const startedAt = performance.now();
    // a request's id is not secret, and 16 calls for secure randomness cost more than a view
    request.id = ulid(Date.now(), Math.random);
    request.log = logger.child({ requestId: request.id });
    response.setHeader('X-Request-Id', request.id);
    const phases = createPhases();
    const queuedMs = queuedSince(request.get('x-request-start'), Date.now());
    const span = untraced.test(request.path) ? undefined : beginSpan(tracer, request, queuedMs);
    const context = { span, phases };
    const sending = watchSending(response);
    response.on('close', () => {
      const { method, path, ip, person } = request;
      const line = {
        requestId: request.id,
        method,
        path,
        ip,
        personId: person?.id,
        status: response.statusCode,
        complete: response.writableFinished,
        ms: Math.round(performance.now() - startedAt),
        ...presentPhases(phases, queuedMs, sending.ms()),
      };
      const routeClass = classOf(request.originalUrl);
      metrics.count('paperlift_http_requests_total', { class: routeClass, status: String(line.status) });
      metrics.observe('paperlift_http_request_seconds', { class: routeClass }, line.ms / 1000);
      runIn(context, () => lines.info(line, 'request'));
      endSpan(span, request, response, line);
    });
    runIn(context, next);
  };
}

/** Counts what a middleware does until it calls `next` as a phase of the request. */
export function timePhase(phase: Phase, handler: RequestHandler): RequestHandler {
  return (request, response, next) => {
    let outcome: unknown[] | undefined;
    const run = async (done: () => void) => {
      const end = (...given: unknown[]) => {
        if (outcome) return; // what follows has its own errors
        outcome = given;
        done();
      };
      try {
        await handler(request, response, end as typeof next);
      } catch (error) {
        end(error); // as Express does for a handler that rejects
      }
    };
    beginSpannedPhase(phase, run, () => (next as (...given: unknown[]) => void)(...(outcome ?? [])));
  };
}

function presentPhases(phases: Phases, queuedMs: number | undefined, sendMs: number) {
  const { session, store, render } = phases.spent();
  return { queueMs: queuedMs, sessionMs: session, storeMs: store, renderMs: render, sendMs };
}

/** From the first byte of the answer's head to the end. */
function watchSending(response: Response) {
  let beganAt: number | undefined;
  const { writeHead } = response;
  response.writeHead = ((...given: Parameters<typeof writeHead>) => {
    beganAt ??= performance.now();
    return writeHead.apply(response, given);
  }) as typeof writeHead;
  return {
    ms: () => (beganAt === undefined ? 0 : Math.round(performance.now() - beganAt)),
  };
}

function beginSpan(tracer: Tracer | undefined, request: Request, queuedMs = 0): Span | undefined {
  if (!tracer) return undefined;
  const arrivedAt = preciseNow();
  const span = tracer.start(request.method, {
    kind: 'server',
    // anyone may send the header: only a trusted proxy's decides whether a request is sampled
    parent: isFromProxy(request) ? request.get('traceparent') : undefined,
    attributes: { 'http.request.method': request.method, 'paperlift.request_id': request.id },
    startedAt: arrivedAt - queuedMs,
  });
  if (queuedMs > 0) span.startChild('queue', { startedAt: arrivedAt - queuedMs }).end(arrivedAt);
  return span;
}

function isFromProxy(request: Request): boolean {
  const trusts: (address: string, hop: number) => boolean = request.app.get('trust proxy fn');
  return trusts(request.socket.remoteAddress ?? '', 0);
}

/** Phases without calls of their own are attributes: a span for each would cost more than some of them take. */
function endSpan(
  span: Span | undefined,
  request: Request,
  response: Response,
  { renderMs, sendMs }: { renderMs: number; sendMs: number },
) {
  if (!span) return;
  const { statusCode, writableFinished } = response;
  const route = routeOf(request);
  span.rename(route ? `${request.method} ${route}` : request.method);
  span.set({
    'http.route': route,
    'http.response.status_code': statusCode,
    'paperlift.render_ms': renderMs,
    'paperlift.send_ms': sendMs,
  });
  if (!writableFinished) span.fail(new Error('aborted'));
  else if (statusCode >= 500) span.fail({ name: String(statusCode) });
  span.end();
}
