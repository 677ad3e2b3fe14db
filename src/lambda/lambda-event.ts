// HTTP requests and responses in Lambda's formats: API Gateway's HTTP APIs and function URLs (payload format 2.0), its
// REST APIs (1.0), and load balancers with and without multi-value headers.
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

/** Headers of which Node keeps the first value (its `matchKnownFields`). */
const single = new Set(['authorization', 'content-type', 'host', 'referer', 'user-agent']);

const megabyte = 1024 * 1024;

/** Whether it is an HTTP request. A queue's event must not get a 500, or its messages would count as done. */
export function isHttpEvent(event: unknown): event is HttpEvent {
  const { requestContext } = (event ?? {}) as Partial<HttpEvent>;
  if (!requestContext) return false;
  return 'http' in requestContext || 'elb' in requestContext || 'httpMethod' in (event as object);
}

/** Converts the event for the library. `remoteAddress` is the gateway's client, not a header's claim. */
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

/** The response in the format of the event's sender. */
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

/**
 * Whether Lambda, or the load balancer, would reject the response.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export function isTooLarge(event: HttpEvent, answer: PresentedAnswer): boolean {
  const limit = 'elb' in event.requestContext ? megabyte : 6 * megabyte;
  if (answer.body.length * 6 < limit / 2) return false; // a character becomes at most six bytes of JSON
  return Buffer.byteLength(JSON.stringify(answer)) > limit;
}

/** The event's path, for logs and problems. */
export const requestedPath = (event: HttpEvent): string => pathOf(event);

function isFormat2(event: HttpEvent): event is APIGatewayProxyEventV2 {
  return 'http' in event.requestContext;
}

/**
 * The gateways decode paths, so they are encoded again. In HTTP APIs a named stage is the first segment of the path.
 */
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

/** Load balancers pass names and values unchanged; REST APIs decode them. */
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

/** A load balancer appends its client's address to X-Forwarded-For; clients may have written what precedes it. */
function addressOf(event: HttpEvent, headers: Record<string, string>): string {
  if (isFormat2(event)) return event.requestContext.http.sourceIp;
  if (!('elb' in event.requestContext)) return event.requestContext.identity.sourceIp;
  const last = headers['x-forwarded-for']?.split(',').at(-1)?.trim() ?? '';
  // it may include the client's port
  return last.replace(/^\[(.*)\](?::\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1');
}

function joined(headers: EventAnswer['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]),
  );
}

/** For responses with one value a header: `set-cookie`, `Set-cookie`, `sEt-cookie` and so on are distinct names. */
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
