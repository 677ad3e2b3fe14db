// Converts HTTP requests to events as API Gateway's HTTP APIs and function URLs do (payload format 2.0), and answers to
// responses.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Outcome } from './runtime-api.ts';

/** Bodies that the gateway passes as text. It encodes all others, including forms and bodies without a type. */
const textTypes = /^(text\/.*|application\/(json|javascript|xml))$/;

/** Headers of the client's own connection, which the gateway does not pass on. */
const hopByHop = [
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'proxy-connection',
  'te',
  'expect',
];

/** The event of a request. The path is decoded, as it is by the gateway. */
export function buildHttpEvent(request: IncomingMessage, body: Buffer) {
  const url = request.url ?? '/';
  const [path = '/', ...query] = url.split('?');
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const isBase64Encoded = !textTypes.test(type);
  const sourceIp = request.socket.remoteAddress ?? '';
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: decodePath(path),
    rawQueryString: query.join('?'),
    ...(request.headers.cookie && { cookies: request.headers.cookie.split(/;\s*/) }),
    headers: headersOf(request.headers, sourceIp),
    requestContext: {
      accountId: '000000000000',
      apiId: 'paperlift',
      domainName: request.headers.host ?? '',
      domainPrefix: 'paperlift',
      http: {
        method: request.method ?? 'GET',
        path: decodePath(path),
        protocol: 'HTTP/1.1',
        sourceIp,
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: '$default',
      stage: '$default',
      time: '22/Nov/2026:01:02:03 +0000',
      timeEpoch: Date.now(),
    },
    ...(body.length > 0 && { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    isBase64Encoded: body.length > 0 && isBase64Encoded,
  };
}

function headersOf(given: IncomingHttpHeaders, sourceIp: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (name === 'cookie' || hopByHop.includes(name) || value === undefined) continue;
    headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  headers['x-forwarded-for'] = [given['x-forwarded-for'], sourceIp].filter(Boolean).join(', ');
  headers['x-forwarded-proto'] = 'http';
  return headers;
}

function decodePath(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

interface FunctionAnswer {
  statusCode?: number;
  headers?: Record<string, string | number | boolean>;
  cookies?: string[];
  body?: string;
  isBase64Encoded?: boolean;
}

/** Sends the gateway's response to an invocation's outcome. */
export function sendAnswer(response: ServerResponse, outcome: Outcome) {
  if ('error' in outcome) {
    const { errorType } = outcome.error;
    if (errorType === 'RequestTooLargeException')
      return sendMessage(response, 413, 'Request Entity Too Large');
    if (errorType === 'Sandbox.Timedout') return sendMessage(response, 503, 'Service Unavailable');
    return sendMessage(response, 500, 'Internal Server Error');
  }
  const answer: FunctionAnswer | null = parse(outcome.payload);
  if (typeof answer?.statusCode !== 'number') return sendMessage(response, 500, 'Internal Server Error');
  const body = Buffer.from(answer.body ?? '', answer.isBase64Encoded ? 'base64' : 'utf8');
  response.statusCode = answer.statusCode;
  for (const [name, value] of Object.entries(answer.headers ?? {})) {
    if (!hopByHop.includes(name.toLowerCase())) response.setHeader(name, String(value));
  }
  if (answer.cookies) response.setHeader('set-cookie', answer.cookies);
  const hasBody = response.req.method !== 'HEAD' && ![204, 304].includes(answer.statusCode);
  if (hasBody) response.setHeader('content-length', body.length);
  response.end(hasBody ? body : undefined);
}

function parse(payload: Buffer): FunctionAnswer | null {
  try {
    return JSON.parse(payload.toString());
  } catch {
    return null;
  }
}

function sendMessage(response: ServerResponse, status: number, message: string) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ message }));
}
