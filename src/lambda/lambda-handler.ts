// Runs an Express application as a Lambda function through serverless-express, with the corrections that it needs to
// behave the same.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { configure } from '@vendia/serverless-express';
import type { Context } from 'aws-lambda';
import type { Logger } from '../runtime/logger.ts';
import {
  type EventAnswer,
  type HttpEvent,
  isHttpEvent,
  isTooLarge,
  type PresentedAnswer,
  presentAnswer,
  readEvent,
  requestedPath,
} from './lambda-event.ts';

interface Dependencies {
  app: RequestListener;
  /** Must write synchronously: buffered lines would be frozen with the function. */
  logger: Logger;
  /** Resolves when no work of requests is in flight, or after that many milliseconds. */
  settle: (withinMs: number) => Promise<void>;
  /** Sends the spans that have ended: later the process may be frozen. */
  flush?: ((withinMs: number) => Promise<void>) | undefined;
}

/** The time reserved for a response, in milliseconds before the function's time ends. */
const reserveMs = 1000;
const maxFlushMs = 500;

/**
 * The function: an event of API Gateway, a function URL or a load balancer in, the response out. After the response
 * nothing of it runs any more, whatever Lambda does with the process. Rejects for any other event.
 */
export function createLambdaHandler({ app, logger, settle, flush }: Dependencies) {
  const serve = configure({
    app: { handle: handleBy(app) } as unknown as RequestListener, // the library recognises Express by this
    binarySettings: { isBinary: ({ headers }: EventAnswer) => isBinary(headers) },
    eventSource: {
      getRequest: ({ event }: { event: HttpEvent }) => readEvent(event),
      getResponse: (answer: EventAnswer & { event: HttpEvent; response?: unknown }) =>
        answer.response ? checkedAnswer(answer, logger) : brokenAnswer(answer.event),
    },
    respondWithErrors: false,
    log: {
      error: (_message: string, error: unknown) => logger.error({ err: error }, 'response aborted'),
      warn() {},
      info() {},
      verbose() {},
      debug() {},
    } as never,
  });

  return async (event: unknown, context: Context): Promise<PresentedAnswer> => {
    if (!isHttpEvent(event)) throw new TypeError('This function accepts only HTTP requests');
    const answer: PresentedAnswer = await serve(event, context, () => {});
    await settle(context.getRemainingTimeInMillis() - reserveMs);
    // a collector that is down must not hold up an answer that is complete
    await flush?.(Math.min(maxFlushMs, context.getRemainingTimeInMillis() - reserveMs));
    return answer;
  };
}

/** Adds what the library's request and response lack compared to Node's, then calls the application. */
function handleBy(app: RequestListener) {
  return (request: IncomingMessage & { ip?: string; body?: unknown }, response: ServerResponse) => {
    const { remoteAddress } = request.socket;
    // a real stream: Express's final handler listens to it and drains the body
    request.socket = Object.assign(new PassThrough(), { remoteAddress, encrypted: true }) as never;
    delete request.ip; // it would hide Express's own, which uses `trust proxy`
    delete request.body; // so that it is parsed
    // the library marks the body as read, so that it would not be parsed
    Object.defineProperty(request, 'readable', { get: () => !request.readableEnded, set() {} });

    response.once('finish', () => response.emit('close')); // as a server does; the request's log line waits for it
    const isOver = () => response.writableFinished;
    // the library's socket ignores it, and the request would hang
    (response.socket as { destroy: unknown }).destroy = () => {
      if (!isOver()) setImmediate(() => response.emit('error', new Error('The response was aborted')));
    };
    app(request, response);
  };
}

/** Text is sent as it is; anything not known to be text is base64. */
function isBinary(headers: EventAnswer['headers']): boolean {
  const type = String(headers['content-type'] ?? '').split(';')[0] ?? '';
  if (headers['content-encoding']) return true;
  return type !== '' && !/^text\/|^application\/(json|javascript|xml)$|\+(json|xml)$/.test(type);
}

function checkedAnswer(answer: EventAnswer & { event: HttpEvent }, logger: Logger): PresentedAnswer {
  const { event, headers } = answer;
  const presented = presentAnswer(event, answer);
  if (!isTooLarge(event, presented)) return presented;
  const path = requestedPath(event);
  logger.error({ path, bytes: answer.body.length }, 'response too large for Lambda');
  return presentProblem(event, {
    code: 'answer-too-large',
    detail: 'The response is too large. Request less at once, or contact your IT service desk.',
    requestId: headers['x-request-id'] === undefined ? undefined : String(headers['x-request-id']),
  });
}

function brokenAnswer(event: HttpEvent): PresentedAnswer {
  return presentProblem(event, {
    code: 'answer-broken-off',
    detail: 'The response was interrupted. Try again.',
  });
}

/** A problem (RFC 9457) for programs; for people the same in one line, since views are not available here. */
function presentProblem(
  event: HttpEvent,
  { code, detail, requestId }: { code: string; detail: string; requestId?: string },
): PresentedAnswer {
  const isForPrograms = /^\/api\//i.test(requestedPath(event));
  const problem = { type: 'about:blank', title: 'Unexpected error', status: 500, detail, code, requestId };
  return presentAnswer(event, {
    statusCode: 500,
    headers: {
      'cache-control': 'no-store',
      'content-type': isForPrograms ? 'application/problem+json' : 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      ...(requestId && { 'x-request-id': requestId }),
    },
    body: isForPrograms ? JSON.stringify(problem) : `${detail}\n${requestId ?? ''}\n`,
    isBase64Encoded: false,
  });
}
