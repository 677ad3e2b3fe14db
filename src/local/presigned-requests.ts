// S3's handling of presigned URLs and browsers, which fauxqs lacks: checks the signature and everything signed,
// answers CORS requests by the bucket's rule, and sends the headers that a signed request asks for.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { buildApp } from 'fauxqs';

interface Options {
  /** Origins of pages whose scripts may use the bucket. */
  origins: string[];
  secretAccessKey: string;
}

const corsRule = {
  'access-control-allow-methods': 'GET, PUT',
  'access-control-allow-headers': 'content-type',
  'access-control-expose-headers': 'ETag',
  'access-control-max-age': '600',
  vary: 'Origin',
};

const overrides = ['content-type', 'content-disposition', 'cache-control'];

export function servePresignedRequests(app: ReturnType<typeof buildApp>, options: Options) {
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    if (origin && options.origins.includes(origin)) {
      reply.headers({ ...corsRule, 'access-control-allow-origin': origin });
      if (request.method === 'OPTIONS') return reply.code(200).send();
    }
    const refusal = checkSignature(request, options.secretAccessKey, Date.now());
    if (refusal) {
      return reply.code(403).type('application/xml').send(`<Error><Code>${refusal}</Code></Error>`);
    }
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const query = new URLSearchParams(request.url.split('?')[1]);
    if (!query.has('X-Amz-Signature') || reply.statusCode >= 300) return payload;
    for (const name of overrides) {
      const value = query.get(`response-${name}`);
      if (value) reply.header(name, value);
    }
    return payload;
  });
}

interface SignedRequest {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
}

/** S3's error code for a presigned request that S3 would refuse. Requests signed in other ways are not checked. */
function checkSignature({ method, url, headers }: SignedRequest, secret: string, now: number) {
  const [path = '', queryText = ''] = url.split('?');
  const query = new URLSearchParams(queryText);
  const given = query.get('X-Amz-Signature');
  if (given === null) return undefined;

  const date = query.get('X-Amz-Date') ?? '';
  const [, scopeDate = '', region = '', service = ''] = (query.get('X-Amz-Credential') ?? '').split('/');
  const signedHeaders = query.get('X-Amz-SignedHeaders') ?? '';
  const signedAt = Date.parse(
    date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
  if (!(now <= signedAt + Number(query.get('X-Amz-Expires')) * 1000)) return 'AccessDenied';
  const isSigned = (name: string) => signedHeaders.split(';').includes(name);
  // such as a copy source or an ACL that the URL's holder would like to add
  if (Object.keys(headers).some((name) => name.startsWith('x-amz-') && !isSigned(name)))
    return 'AccessDenied';

  const canonicalRequest = [
    method,
    path,
    queryText
      .split('&')
      .filter((pair) => !pair.startsWith('X-Amz-Signature='))
      .sort()
      .join('&'),
    ...signedHeaders.split(';').map((name) => `${name}:${String(headers[name] ?? '').trim()}`),
    '',
    signedHeaders,
    'UNSIGNED-PAYLOAD',
  ].join('\n');
  const scope = `${scopeDate}/${region}/${service}/aws4_request`;
  const hashed = createHash('sha256').update(canonicalRequest).digest('hex');
  const key = [scopeDate, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`);
  const expected = hmac(key, ['AWS4-HMAC-SHA256', date, scope, hashed].join('\n')).toString('hex');
  const isRight =
    expected.length === given.length && timingSafeEqual(Buffer.from(expected), Buffer.from(given));
  return isRight ? undefined : 'SignatureDoesNotMatch';
}

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
