// HTTP requests as Lambda gets them, and answers as it gives them: API Gateway's HTTP APIs and function URLs (payload
// format 2.0), its REST APIs (1.0), and load balancers with and without multi-value headers.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
import { STATUS_CODES } from 'node:http';
import type { ALBEvent, APIGatewayProxyEvent, APIGatewayProxyEventV2 } from 'aws-lambda';

export type HttpEvent = APIGatewayProxyEventV2 | APIGatewayProxyEvent | ALBEvent;

export interface EventAnswer {
  statusCode: number;
  headers: Record<string, string | number | string[]>;
  body: string;
  isBase64Encoded: boolean;
}

/** Headers of which Node keeps the first when they come twice (its `matchKnownFields`). */
const single = new Set(['authorization', 'content-type', 'host', 'referer', 'user-agent']);

const megabyte = 1024 * 1024;

/** Whether it is a request at all. A queue's event is none: answered with a 500, its messages would count as done. */
export function isHttpEvent(event: unknown): event is HttpEvent {
  const { requestContext } = (event ?? {}) as Partial<HttpEvent>;
  if (!requestContext) return false;
  return 'http' in requestContext || 'elb' in requestContext || 'httpMethod' in (event as object);
}

/** What the library makes a request of. Its `remoteAddress` is whom the gateway spoke with, not what a header says. */
export function readEvent(event: HttpEvent) {
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  const headers = isFormat2(event) ? headersOfFormat2(event) : headersOf(event);
  delete headers['transfer-encoding']; // the body is here, whole
  if (body.length > 0 || headers['content-length']) headers['content-length'] = String(body.length);
  return {
    method: isFormat2(event) ? event.requestContext.http.method : event.httpMethod,
    path: pathOf(event) + queryOf(event),
    headers,
    body: body.length > 0 ? body : undefined,
    remoteAddress: addressOf(event, headers),
  };
}

/** The answer in the form that the event's sender wants. */
export function presentAnswer(event: HttpEvent, { statusCode, headers, body, isBase64Encoded }: EventAnswer) {
  const { 'set-cookie': setCookie, ...others } = headers;
  const cookies = [setCookie ?? []].flat().map(String);
  const said = { statusCode, body, isBase64Encoded };
  if (isFormat2(event)) return { ...said, cookies, headers: joined(others) };
  const description = { statusDescription: `${statusCode} ${STATUS_CODES[statusCode] ?? ''}`.trim() };
  if ('elb' in event.requestContext && !event.multiValueHeaders) {
    return { ...said, ...description, headers: { ...joined(others), ...spreadCookies(cookies) } };
  }
  const multiValueHeaders = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value].flat().map(String)]),
  );
  return { ...said, ...('elb' in event.requestContext && description), multiValueHeaders };
}

export type PresentedAnswer = ReturnType<typeof presentAnswer>;

/** Whether Lambda, or the load balancer, would refuse the answer. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export function isTooLarge(event: HttpEvent, answer: PresentedAnswer): boolean {
  const limit = 'elb' in event.requestContext ? megabyte : 6 * megabyte;
  if (answer.body.length * 6 < limit / 2) return false; // no character becomes more than six bytes of JSON
  return Buffer.byteLength(JSON.stringify(answer)) > limit;
}

/** What the event asks for, for logs and problems. */
export const requestedPath = (event: HttpEvent): string => pathOf(event);

function isFormat2(event: HttpEvent): event is APIGatewayProxyEventV2 {
  return 'http' in event.requestContext;
}

/** The gateways decode paths, which is undone; an HTTP API's stage comes first in its paths when it has a name. */
function pathOf(event: HttpEvent): string {
  if (!isFormat2(event)) return encodePath(event.path);
  const { stage } = event.requestContext;
  const path = encodePath(event.rawPath);
  const prefix = stage === '$default' ? '' : `/${stage}`;
  return path === prefix || path.startsWith(`${prefix}/`) ? path.slice(prefix.length) || '/' : path;
}

function encodePath(path: string): string {
  const isEncoded = /^(?:[^%]|%[0-9a-f]{2})*$/i.test(path);
  const whole = isEncoded ? path : path.replaceAll('%', '%25');
  return whole.toWellFormed().replace(/[^\w\-.~!$&'()*+,;=:@/%]/gu, encodeURIComponent) || '/';
}

/** Load balancers leave names and values as they came; REST APIs decode them. */
function queryOf(event: HttpEvent): string {
  if (isFormat2(event)) return event.rawQueryString ? `?${event.rawQueryString}` : '';
  const given = event.multiValueQueryStringParameters ?? event.queryStringParameters ?? {};
  const pairs = Object.entries(given).flatMap(([name, values]) =>
    [values ?? []].flat().map((value): [string, string] => [name, value]),
  );
  if (pairs.length === 0) return '';
  const isRaw = 'elb' in event.requestContext;
  return `?${isRaw ? pairs.map((pair) => pair.join('=')).join('&') : new URLSearchParams(pairs)}`;
}

function headersOfFormat2({ headers, cookies }: APIGatewayProxyEventV2): Record<string, string> {
  const read = lowerCased(headers as Record<string, string>);
  return cookies?.length ? { ...read, cookie: cookies.join('; ') } : read;
}

function headersOf({ headers, multiValueHeaders }: APIGatewayProxyEvent | ALBEvent): Record<string, string> {
  if (!multiValueHeaders) return lowerCased((headers ?? {}) as Record<string, string>);
  const read: Record<string, string> = {};
  for (const [given, values = []] of Object.entries(multiValueHeaders)) {
    const name = given.toLowerCase();
    read[name] = single.has(name) ? (values[0] ?? '') : values.join(name === 'cookie' ? '; ' : ', ');
  }
  return read;
}

function lowerCased(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** A load balancer says whom it spoke with at the end of X-Forwarded-For; what stands before it, anybody may have written. */
function addressOf(event: HttpEvent, headers: Record<string, string>): string {
  if (isFormat2(event)) return event.requestContext.http.sourceIp;
  if (!('elb' in event.requestContext)) return event.requestContext.identity.sourceIp;
  const last = headers['x-forwarded-for']?.split(',').at(-1)?.trim() ?? '';
  return last.replace(/^\[(.*)\](?::\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1'); // it may add the client's port
}

function joined(headers: EventAnswer['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]),
  );
}

/** Where a name can have one value only: `set-cookie`, `Set-cookie`, `sEt-cookie` and so on are names of their own. */
function spreadCookies(cookies: string[]): Record<string, string> {
  return Object.fromEntries(
    cookies.map((cookie, index) => {
      let bits = index;
      const name = 'set-cookie'.replace(/[a-z]/g, (letter) => {
        const isUpper = bits % 2 === 1;
        bits = Math.floor(bits / 2);
        return isUpper ? letter.toUpperCase() : letter;
      });
      return [name, cookie];
    }),
  );
}
