// The Lambda runtime API, as a function's process sees it: gives events, and accepts responses.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** Bytes of a synchronous invocation's event and answer. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const largestEvent = 6 * 1024 * 1024;
const largestAnswer = largestEvent + 100;

const root = '/2018-06-01/runtime';

/** The outcome of an invocation. `error` is Lambda's own, or the function's. */
export type Outcome = { payload: Buffer } | { error: { errorType?: string; errorMessage?: string } };

interface Invocation {
  id: string;
  event: Buffer;
  end: (outcome: Outcome) => void;
}

interface Options {
  /** For the function's AWS_LAMBDA_RUNTIME_API; by default a free one. */
  port?: number;
  /** The function's timeout. */
  timeoutMs?: number;
}

/**
 * Starts a runtime API for one function. Any number of processes may request events: each is an execution environment, and
 * gets one event at a time.
 */
export async function startRuntimeApi({ port = 0, timeoutMs = 30_000 }: Options = {}) {
  const waiting: Invocation[] = [];
  const idle: ((invocation: Invocation) => void)[] = [];
  const inFlight = new Map<string, Invocation>();
  const firstAsked = Promise.withResolvers<void>();
  firstAsked.promise.catch(() => {});
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 0; // a frozen function's connection stays, as with Lambda
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));

  async function serve(request: IncomingMessage, response: ServerResponse) {
    const path = request.url ?? '';
    if (path === `${root}/invocation/next`) return giveNext(response);
    const body = await buffer(request);
    if (path === `${root}/init/error`) {
      firstAsked.reject(new Error(`The function did not start: ${body}`));
      return accept(response);
    }
    const [, id = '', what] = /\/invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    const invocation = inFlight.get(id);
    if (!invocation) return refuse(response, 400, 'InvalidRequestID', 'No such invocation, or it is over');
    inFlight.delete(id);
    if (what === 'error') {
      invocation.end({ error: JSON.parse(body.toString() || '{}') });
    } else if (body.length > largestAnswer) {
      const errorMessage = `Response payload size exceeded maximum allowed payload size (${largestAnswer} bytes).`;
      invocation.end({ error: { errorType: 'Function.ResponseSizeTooLarge', errorMessage } });
      return refuse(response, 413, 'RequestEntityTooLarge', errorMessage);
    } else {
      invocation.end({ payload: body });
    }
    accept(response);
  }

  function giveNext(response: ServerResponse) {
    firstAsked.resolve();
    const give = (invocation: Invocation) => {
      inFlight.set(invocation.id, invocation);
      response.writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': invocation.id,
        'lambda-runtime-deadline-ms': String(Date.now() + timeoutMs),
        'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:000000000000:function:paperlift',
        'lambda-runtime-trace-id':
          'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0',
      });
      response.end(invocation.event);
    };
    const next = waiting.shift();
    if (next) return give(next);
    idle.push(give);
    response.once('close', () => {
      const index = idle.indexOf(give);
      if (index >= 0) idle.splice(index, 1);
    });
  }

  return {
    /** The value of AWS_LAMBDA_RUNTIME_API. */
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,

    /** Resolves when the function has started; rejects when it reports that it could not. */
    started: firstAsked.promise,

    /** Invokes the function, waiting until one of its environments is free. An event that is too large never reaches it. */
    async invoke(event: unknown): Promise<Outcome> {
      const bytes = Buffer.from(JSON.stringify(event));
      if (bytes.length > largestEvent) return { error: { errorType: 'RequestTooLargeException' } };
      const { promise, resolve } = Promise.withResolvers<Outcome>();
      const id = randomUUID();
      const late = setTimeout(() => {
        inFlight.delete(id);
        const index = waiting.findIndex((one) => one.id === id);
        if (index >= 0) waiting.splice(index, 1);
        resolve({
          error: { errorType: 'Sandbox.Timedout', errorMessage: `Timed out after ${timeoutMs} ms` },
        });
      }, timeoutMs);
      const end = (outcome: Outcome) => {
        clearTimeout(late);
        resolve(outcome);
      };
      const invocation = { id, event: bytes, end };
      const give = idle.shift();
      if (give) give(invocation);
      else waiting.push(invocation);
      return promise;
    },

    async stop() {
      for (const { end } of [...inFlight.values(), ...waiting]) end({ error: { errorType: 'Stopped' } });
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type RuntimeApi = Awaited<ReturnType<typeof startRuntimeApi>>;

function accept(response: ServerResponse) {
  response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}');
}

function refuse(response: ServerResponse, status: number, errorType: string, errorMessage: string) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ errorType, errorMessage }));
}
