// Traces that go straight to X-Ray, as on Lambda: each request carries AWS's signature of its body.
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { createXRaySigner } from '../../src/aws/xray-signer.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { createOtelTracer } from '../../src/runtime/otel.tracer.ts';
import { startTraceCollector } from '../support/trace-collector.ts';

const url = 'https://xray.eu-central-1.amazonaws.com/v1/traces';
const credentials = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  AWS_SESSION_TOKEN: 'the-token',
};
const earlier: Record<string, string | undefined> = {};

before(() => {
  for (const [name, value] of Object.entries(credentials)) {
    earlier[name] = process.env[name];
    process.env[name] = value;
  }
});
after(() => {
  for (const [name, value] of Object.entries(earlier)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function signatureOf(headers: Record<string, string>, body: string): string {
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const [, names = ''] = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '') ?? [];
  const all: Record<string, string> = { ...headers, host: 'xray.eu-central-1.amazonaws.com' };
  const canonical = names.split(';').map((name) => `${name}:${all[name]}\n`);
  const request = ['POST', '/v1/traces', '', canonical.join(''), names, hash(body)].join('\n');
  const at = all['x-amz-date'] ?? '';
  const scope = `${at.slice(0, 8)}/eu-central-1/xray/aws4_request`;
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${credentials.AWS_SECRET_ACCESS_KEY}`);
  return hmac(key, ['AWS4-HMAC-SHA256', at, scope, hash(request)].join('\n')).toString('hex');
}

test('X-Ray’s endpoint gets the signature of AWS for the body, with the role’s session', async () => {
  const sign = await createXRaySigner(url);
  assert.ok(sign);
  const body = '{"resourceSpans":[]}';
  const headers = await sign({ headers: { 'content-type': 'application/json' }, body: Buffer.from(body) });
  assert.equal(headers['x-amz-security-token'], 'the-token');
  assert.match(
    headers.authorization ?? '',
    /Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/xray\/aws4_request/,
  );
  const [, signature] = /Signature=([0-9a-f]{64})/.exec(headers.authorization ?? '') ?? [];
  assert.equal(signature, signatureOf(headers, body));
  assert.notEqual(signature, signatureOf(headers, `${body} `));
});

test('no other address gets a signature, and so no credentials leave for it', async () => {
  for (const other of [
    'http://127.0.0.1:4318/v1/traces',
    'http://xray.eu-central-1.amazonaws.com/v1/traces',
    'https://xray.eu-central-1.amazonaws.com.example.com/v1/traces',
    'https://otel.example.com/v1/traces?to=xray.eu-central-1.amazonaws.com',
  ]) {
    assert.equal(await createXRaySigner(other), undefined, other);
  }
});

const settings = (target: string) => ({
  ...{ url: target, headers: {}, timeoutMs: 5000, compression: 'none' as const, resource: {} },
  sampler: { name: 'always_on' as const, ratio: 1 },
  batch: { delayMs: 5000, maxQueue: 100, maxSize: 100, timeoutMs: 5000 },
});

test('signed spans arrive as others do; a refusal is said in the log, and ends nothing', async () => {
  const collector = await startTraceCollector();
  try {
    const lines: string[] = [];
    const logger = createLogger({
      level: 'info',
      sync: true,
      destination: { write: (line) => void lines.push(line) },
    });
    const sign = async ({ headers }: { headers: Record<string, string> }) => ({
      ...headers,
      authorization: 'signed',
    });
    const tracer = createOtelTracer(
      settings(`${collector.url}/v1/traces`),
      { 'service.name': 'paperlift-web' },
      logger,
      sign,
    );
    tracer.start('a request').end();
    await tracer.flush(5000);
    const span = await collector.find('a request');
    assert.equal(span.service, 'paperlift-web');
    assert.equal(collector.requests[0]?.headers.authorization, 'signed');
    assert.equal(collector.requests[0]?.headers['content-type'], 'application/json');

    const refused = createOtelTracer(settings(`${collector.url}/v1/traces`), {}, logger, async () => {
      throw new Error('CredentialsProviderError');
    });
    refused.start('lost').end();
    await refused.flush(5000);
    assert.match(lines.join(''), /could not send spans to the collector/);
  } finally {
    await collector.stop();
  }
});
