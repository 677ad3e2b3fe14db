// Stands in for API Gateway: an HTTP server before a function.
//
//   const front = await startLambdaFront({ runtimeApiPort: 9001, httpPort: 3000 });
//   … start the function with AWS_LAMBDA_RUNTIME_API=front.runtimeApi (the image's `lambda-web` under aws-lambda-ric, or
//     `startFunction` of function.ts) …
//   await front.started;
//   await fetch(front.url);
//   await front.stop();
//
// Several processes may serve one function: each takes one request at a time, further requests wait.
// The limits are those of Lambda and of HTTP APIs: 10 MB of request, 6 MB of event (413) and of answer (500), 30 s (503).
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildHttpEvent, sendAnswer } from './http-event.ts';
import { startRuntimeApi } from './runtime-api.ts';

const largestRequest = 10 * 1024 * 1024;

interface Options {
  /** By default free ones. */
  runtimeApiPort?: number;
  httpPort?: number;
  /** HTTP APIs wait 30 seconds at most. */
  timeoutMs?: number;
}

export async function startLambdaFront({ runtimeApiPort, httpPort = 0, timeoutMs }: Options = {}) {
  const runtime = await startRuntimeApi({ port: runtimeApiPort, timeoutMs });
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 65_000; // as the web: Node's 5 s end under a request that is just being sent
  await new Promise<void>((resolve) => server.listen(httpPort, '127.0.0.1', resolve));

  async function serve(request: IncomingMessage, response: ServerResponse) {
    const body = await readBody(request);
    if (!body) return sendAnswer(response, { error: { errorType: 'RequestTooLargeException' } });
    sendAnswer(response, await runtime.invoke(buildHttpEvent(request, body)));
  }

  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    runtimeApi: runtime.address,
    /** Resolves when the function has started; rejects when it reports that it could not. */
    started: runtime.started,
    /** Invokes the function with an event of your own. */
    invoke: runtime.invoke,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await runtime.stop();
    },
  };
}

export type LambdaFront = Awaited<ReturnType<typeof startLambdaFront>>;

/** `undefined` when it is too large. It is read to its end anyway, so that the sender receives the response. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= largestRequest) chunks.push(chunk);
  }
  return size > largestRequest ? undefined : Buffer.concat(chunks);
}
