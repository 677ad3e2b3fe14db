// Requests as the events of everything that may stand before a function, and the answers read as that would read them.
import { STATUS_CODES } from 'node:http';

export interface Asked {
  method?: string;
  /** As it stands in the address, encoded, with the query. */
  path: string;
  /** Lower-cased names; a list is a header that comes several times. */
  headers?: Record<string, string | string[]>;
  body?: Buffer | string;
  /** Who the gateway spoke with. */
  sourceIp?: string;
}

export interface Answered {
  status: number;
  headers: Record<string, string>;
  setCookies: string[];
  body: Buffer;
  text: string;
}

interface EventKind {
  build: (asked: Asked) => object;
  read: (answer: never) => Answered;
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

const partsOf = ({ path }: Asked) => {
  const [rawPath = '/', rawQueryString = ''] = path.split('?');
  return { rawPath, rawQueryString };
};

const listsOf = ({ headers = {} }: Asked) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat()]));

const bodyOf = ({ body }: Asked) =>
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
function buildFormat2(asked: Asked, stage: string, domainName: string) {
  const { method = 'GET', sourceIp = '203.0.113.7' } = asked;
  const { rawPath, rawQueryString } = partsOf(asked);
  const { cookie, ...others } = listsOf(asked);
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
    ...(asked.body !== undefined && bodyOf(asked)),
    isBase64Encoded: asked.body !== undefined,
  };
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html */
function buildRest(asked: Asked) {
  const { method = 'GET', sourceIp = '203.0.113.7' } = asked;
  const { rawPath, rawQueryString } = partsOf(asked);
  const headers = listsOf(asked);
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
    ...bodyOf(asked),
  };
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html */
function buildBalancer(asked: Asked, isMulti: boolean) {
  const { method = 'GET', sourceIp = '203.0.113.7' } = asked;
  const { rawPath, rawQueryString } = partsOf(asked);
  const headers = listsOf(asked);
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
    ...bodyOf(asked),
    body: asked.body === undefined ? '' : bodyOf(asked).body,
  };
}

function read(answer: FunctionAnswer, headers: [string, string][], cookies: string[]): Answered {
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

function readMulti(answer: FunctionAnswer): Answered {
  const { 'set-cookie': cookies = [], ...others } = answer.multiValueHeaders ?? {};
  return read(
    answer,
    Object.entries(others).map(([name, values]) => [name, values.join(', ')]),
    cookies,
  );
}

function readSingle(answer: FunctionAnswer): Answered {
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
    build: (asked) => buildFormat2(asked, '$default', 'r3pmxmplak.execute-api.us-east-2.amazonaws.com'),
    read: readFormat2,
  },
  'an HTTP API with a named stage': {
    build: (asked) => buildFormat2(asked, 'live', 'r3pmxmplak.execute-api.us-east-2.amazonaws.com'),
    read: readFormat2,
  },
  'a function URL': {
    build: (asked) => buildFormat2(asked, '$default', '<url-id>.lambda-url.us-west-2.on.aws'),
    read: readFormat2,
  },
  'a REST API': { build: buildRest, read: readMulti },
  'a load balancer': { build: (asked) => buildBalancer(asked, false), read: readSingle },
  'a load balancer with multi-value headers': {
    build: (asked) => buildBalancer(asked, true),
    read: readMulti,
  },
};

/** What Lambda gives with an event, as far as it is looked at. */
export const context = { getRemainingTimeInMillis: () => 20_000 } as never;

/** Asks a function by the event of that kind. */
export async function ask(
  handler: (event: unknown, context: never) => Promise<unknown>,
  kind: EventKind,
  asked: Asked,
): Promise<Answered> {
  // as it comes over the wire
  const event = JSON.parse(JSON.stringify(kind.build(asked)));
  return kind.read(JSON.parse(JSON.stringify(await handler(event, context))) as never);
}
