// Textract's DetectDocumentText over AWS JSON 1.1 (https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html).
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { S3Client } from '@aws-sdk/client-s3';
import { createDecodeGate } from '../../runtime/decode-gate.ts';
import { createCallRate } from './call-rate.ts';
import { badDocument, largestDocumentBytes, loadDocument } from './document-source.ts';
import { OcrBusyError, UnreadableDocumentError } from './ocr.errors.ts';
import type { Ocr } from './reader-pool.ts';
import { TextractError } from './textract.errors.ts';
import { type DocumentPlace, parseDetectDocumentText } from './textract.request.ts';
import { buildResponse } from './textract-blocks.ts';

const operation = 'Textract.DetectDocumentText';
const maxBodyBytes = Math.ceil(largestDocumentBytes / 3) * 4 + 64 * 1024;
const maxIgnoredBodyBytes = 8 * maxBodyBytes;

export interface TextractLogger {
  info(detail: object, message: string): void;
  warn(detail: object, message: string): void;
  error(detail: object, message: string): void;
}

/**
 * A server that the AWS SDK's Textract client can call. `listen` answers its address; `close` takes no more calls, lets
 * those under way finish for at most `graceMs`, and then ends their connections. It checks no signatures: bind it
 * to an address that only Paperlift reaches.
 */
export function createTextractServer(dependencies: {
  ocr: Ocr;
  s3: S3Client;
  callsPerSecond: number;
  now?: () => number;
  logger?: TextractLogger;
}) {
  const { ocr, s3, logger } = dependencies;
  const rate = createCallRate({
    callsPerSecond: dependencies.callsPerSecond,
    now: dependencies.now ?? Date.now,
  });
  const decodeGate = createDecodeGate();
  const server = createServer({ requestTimeout: 60_000 }, (request, response) => {
    if (request.method === 'GET' && request.url === '/health') return answerHealth(response, ocr);
    void answerCall(request, response);
  });
  let url = '';
  let closing = false;

  async function answerCall(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    const gone = new AbortController();
    response.on('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    const startedAt = performance.now();
    try {
      const blocks = await detect(request, gone.signal);
      response.shouldKeepAlive = !closing;
      send(response, 200, requestId, JSON.stringify(blocks));
      logger?.info({ requestId, ms: Math.round(performance.now() - startedAt) }, 'Text detected');
    } catch (error) {
      if (gone.signal.aborted) return;
      const failure = toTextractError(error);
      const detail = { requestId, err: failure.cause ?? failure, code: failure.name };
      if (failure.name === 'InternalServerError') logger?.error(detail, 'Text detection failed');
      else logger?.warn(detail, 'Text detection refused');
      response.shouldKeepAlive = !closing;
      response.setHeader('x-amzn-errortype', failure.name);
      send(
        response,
        failure.status,
        requestId,
        JSON.stringify({ __type: failure.name, message: failure.message }),
      );
    }
  }

  async function detect(request: IncomingMessage, signal: AbortSignal) {
    const body = await readBody(request);
    if (request.method !== 'POST' || request.headers['x-amz-target'] !== operation) {
      throw new TextractError('UnknownOperationException', `This server supports only ${operation}.`);
    }
    if (!request.headers.authorization) {
      throw new TextractError('MissingAuthenticationTokenException', 'Missing Authentication Token');
    }
    if (!rate.take()) {
      throw new TextractError('ProvisionedThroughputExceededException', 'Provisioned rate exceeded');
    }
    const place = parseDetectDocumentText(body);
    const { document, bytes, languages } = await loadDocument(s3, place, signal);
    const group = groupOf(place);
    const read = () => ocr.read(document, { signal, group, languages });
    return buildResponse(await decodeGate.run(bytes, read, { person: group, signal }));
  }

  return {
    async listen(port: number, host: string): Promise<string> {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          resolve();
        });
      });
      const address = server.address() as AddressInfo;
      url = `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
      return url;
    },
    get url() {
      return url;
    },
    async close(graceMs = 20_000): Promise<void> {
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const impatient = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(impatient);
    },
  };
}

/** Documents below the same folder of a bucket, and those that were sent with the call, take turns with the others. */
function groupOf(place: DocumentPlace): string {
  return 'key' in place ? place.key.split('/').slice(0, 2).join('/') : '';
}

/** Reads at most one document's worth. What is beyond is drained unread, so that the caller gets to see the answer. */
async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= maxBodyBytes) chunks.push(chunk);
    else chunks.length = 0;
    if (length > maxIgnoredBodyBytes) break;
  }
  if (length > maxBodyBytes) {
    throw new TextractError('DocumentTooLargeException', `The request is larger than ${maxBodyBytes} bytes.`);
  }
  return Buffer.concat(chunks);
}

function toTextractError(error: unknown): TextractError {
  if (error instanceof TextractError) return error;
  if (error instanceof UnreadableDocumentError) return badDocument(error);
  if (error instanceof OcrBusyError) {
    return new TextractError(
      'ThrottlingException',
      'The server is busy with other documents. Try your call again.',
      { cause: error },
    );
  }
  return new TextractError('InternalServerError', 'The text could not be detected. Try your call again.', {
    cause: error,
  });
}

function send(response: ServerResponse, status: number, requestId: string, body: string): void {
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.1',
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': requestId,
  });
  response.end(body);
}

function answerHealth(response: ServerResponse, ocr: Ocr): void {
  const state = ocr.state();
  const status = state.ready > 0 ? 'ok' : 'starting';
  response.writeHead(state.ready > 0 ? 200 : 503, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ status, ...state }));
}
