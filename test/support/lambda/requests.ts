// Requests as the events of every kind of gateway before a function, and responses as that gateway reads them.
import { STATUS_CODES } from 'node:http';

export interface GatewayRequest {
  method?: string;
  /** As in the URL: encoded, with the query. */
  path: string;
  /** Lower-cased names; a list is a header that comes several times. */
  headers?: Record<string, string | string[]>;
  body?: Buffer | string;
  /** The client's address, as the gateway sees it. */
  sourceIp?: string;
}

export interface GatewayResponse {
  status: number;
  headers: Record<string, string>;
  setCookies: string[];
  body: Buffer;
  text: string;
}

interface EventKind {
  build: (request: GatewayRequest) => object;
  read: (answer: never) => GatewayResponse;
}

interface FunctionAnswer {
  statusCode: number;
  statusDescription?: string;
  headers?: Record<string, string>;
  multiValueHeaders?: Record<string, string[]>;
  cookies?: string[];
  body: string;
  isBase64Encoded: boolean;
}

const partsOf = ({ path }: GatewayRequest) => {
  const [rawPath = '/', rawQueryString = ''] = path.split('?');
  return { rawPath, rawQueryString };
};

const listsOf = ({ headers = {} }: GatewayRequest) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat()]));

const bodyOf = ({ body }: GatewayRequest) =>
  body === undefined
    ? { body: null, isBase64Encoded: false }
    : { body: Buffer.from(body).toString('base64'), isBase64Encoded: true };

const mapOfLists = (pairs: Iterable<[string, string]>) => {
  const map: Record<string, string[]> = {};
  for (const [name, value] of pairs) map[name] = [...(map[name] ?? []), value];
  return map;
};

const lastOfEach = (lists: Record<string, string[]>) =>
  Object.fromEntries(Object.entries(lists).map(([name, values]) => [name, values.at(-1) as string]));

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
function buildFormat2(request: GatewayRequest, stage: string, domainName: string) {
  const { method = 'GET', sourceIp = '203.0.113.7' } = request;
  const { rawPath, rawQueryString } = partsOf(request);
  const { cookie, ...others } = listsOf(request);
  const forwarded = [...(others['x-forwarded-for'] ?? []), sourceIp];
  const path = (stage === '$default' ? '' : `/${stage}`) + decodeURI(rawPath);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString,
    ...(cookie && { cookies: cookie.flatMap((one) => one.split('; ')) }),
    headers: {
      ...Object.fromEntries(Object.entries(others).map(([name, values]) => [name, values.join(',')])),
      host: domainName,
      'x-amzn-trace-id': 'Root=1-5f84c7a9-0e5b1e1e1e1e1e1e1e1e1e1e',
      'x-forwarded-for': forwarded.join(', '),
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
    },
    requestContext: {
      accountId: '123456789012',
      apiId: 'r3pmxmplak',
      domainName,
      domainPrefix: 'r3pmxmplak',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp, userAgent: 'agent' },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: '$default',
      stage,
      time: '10/Mar/2020:05:16:23 +0000',
      timeEpoch: 1583817383220,
    },
    ...(request.body !== undefined && bodyOf(request)),
    isBase64Encoded: request.body !== undefined,
  };
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html */
function buildRest(request: GatewayRequest) {
  const { method = 'GET', sourceIp = '203.0.113.7' } = request;
  const { rawPath, rawQueryString } = partsOf(request);
  const headers = listsOf(request);
  headers['X-Forwarded-For'] = [[...(headers['x-forwarded-for'] ?? []), sourceIp].join(', ')];
  delete headers['x-forwarded-for'];
  headers.Host = ['id.execute-api.us-east-1.amazonaws.com'];
  const query = mapOfLists(new URLSearchParams(rawQueryString));
  const path = decodeURI(rawPath);
  return {
    resource: '/{proxy+}',
    path,
    httpMethod: method,
    headers: lastOfEach(headers),
    multiValueHeaders: headers,
    queryStringParameters: rawQueryString ? lastOfEach(query) : null,
    multiValueQueryStringParameters: rawQueryString ? query : null,
    pathParameters: { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: {
      accountId: '123456789012',
      apiId: 'id',
      httpMethod: method,
      identity: { sourceIp, userAgent: 'agent' },
      path: `/prod${path}`,
      protocol: 'HTTP/1.1',
      requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
      resourcePath: '/{proxy+}',
      stage: 'prod',
    },
    ...bodyOf(request),
  };
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html */
function buildBalancer(request: GatewayRequest, isMulti: boolean) {
  const { method = 'GET', sourceIp = '203.0.113.7' } = request;
  const { rawPath, rawQueryString } = partsOf(request);
  const headers = listsOf(request);
  headers['x-forwarded-for'] = [[...(headers['x-forwarded-for'] ?? []), sourceIp].join(', ')];
  headers.host = ['lambda-846800462.us-east-2.elb.amazonaws.com'];
  const pairs = rawQueryString.split('&').filter(Boolean);
  const query = mapOfLists(pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string]));
  return {
    requestContext: {
      elb: {
        targetGroupArn:
          'arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/lambda-279XGJDqGZ5rsrHC2Fjr/49e9d65c45c6791a',
      },
    },
    httpMethod: method,
    path: rawPath,
    ...(isMulti
      ? { multiValueHeaders: headers, multiValueQueryStringParameters: query }
      : { headers: lastOfEach(headers), queryStringParameters: lastOfEach(query) }),
    ...bodyOf(request),
    body: request.body === undefined ? '' : bodyOf(request).body,
  };
}

function read(answer: FunctionAnswer, headers: [string, string][], cookies: string[]): GatewayResponse {
  const body = Buffer.from(answer.body, answer.isBase64Encoded ? 'base64' : 'utf8');
  return {
    status: answer.statusCode,
    headers: Object.fromEntries(headers),
    setCookies: cookies,
    body,
    text: body.toString(),
  };
}

const readFormat2 = (answer: FunctionAnswer) =>
  read(answer, Object.entries(answer.headers ?? {}), answer.cookies ?? []);

function readMulti(answer: FunctionAnswer): GatewayResponse {
  const { 'set-cookie': cookies = [], ...others } = answer.multiValueHeaders ?? {};
  return read(
    answer,
    Object.entries(others).map(([name, values]) => [name, values.join(', ')]),
    cookies,
  );
}

function readSingle(answer: FunctionAnswer): GatewayResponse {
  const entries = Object.entries(answer.headers ?? {});
  const isCookie = ([name]: [string, string]) => name.toLowerCase() === 'set-cookie';
  const answered = read(
    answer,
    entries.filter((entry) => !isCookie(entry)),
    entries.filter(isCookie).map(([, value]) => value),
  );
  if (answer.statusDescription !== `${answer.statusCode} ${STATUS_CODES[answer.statusCode]}`) {
    throw new Error(`The load balancer wants a description: ${answer.statusDescription}`);
  }
  return answered;
}

export const eventKinds: Record<string, EventKind> = {
  'an HTTP API': {
    build: (request) => buildFormat2(request, '$default', 'r3pmxmplak.execute-api.us-east-2.amazonaws.com'),
    read: readFormat2,
  },
  'an HTTP API with a named stage': {
    build: (request) => buildFormat2(request, 'live', 'r3pmxmplak.execute-api.us-east-2.amazonaws.com'),
    read: readFormat2,
  },
  'a function URL': {
    build: (request) => buildFormat2(request, '$default', '<url-id>.lambda-url.us-west-2.on.aws'),
    read: readFormat2,
  },
  'a REST API': { build: buildRest, read: readMulti },
  'a load balancer': { build: (request) => buildBalancer(request, false), read: readSingle },
  'a load balancer with multi-value headers': {
    build: (request) => buildBalancer(request, true),
    read: readMulti,
  },
};

/** The part of Lambda's context that handlers use. */
export const context = { getRemainingTimeInMillis: () => 20_000 } as never;

/** Asks a function by the event of that kind. */
export async function ask(
  handler: (event: unknown, context: never) => Promise<unknown>,
  kind: EventKind,
  request: GatewayRequest,
): Promise<GatewayResponse> {
  // as it comes over the wire
  const event = JSON.parse(JSON.stringify(kind.build(request)));
  return kind.read(JSON.parse(JSON.stringify(await handler(event, context))) as never);
}
