// The adapter alone, before an application that says what it was asked.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, test } from 'node:test';
import express from 'express';
import multer from 'multer';
import { createLambdaHandler } from '../../src/lambda/lambda-handler.ts';
import { createInFlight } from '../../src/runtime/in-flight.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { ask, context, eventKinds, type GatewayRequest } from '../support/lambda/requests.ts';
import { createLogCapture } from '../support/log-capture.ts';
import { buildForm } from '../support/raw-form.ts';

const megabyte = 1024 * 1024;

function createHandler() {
  const app = express();
  app.set('query parser', 'simple');
  app.set('trust proxy', ['192.0.2.200']);
  app.get('/text/:bytes', (request, response) => {
    response.type('text/plain').send('x'.repeat(Number(request.params.bytes)));
  });
  app.get('/quotes/:bytes', (request, response) => {
    response.type('text/plain').send('"'.repeat(Number(request.params.bytes)));
  });
  app.get(['/binary/:bytes', '/api/v1/binary/:bytes'], (request, response) => {
    response
      .set('X-Request-Id', 'R1')
      .type('application/pdf')
      .send(Buffer.alloc(Number(request.params.bytes), 0x9f));
  });
  app.get('/broken', async (_request, response) => {
    const failing = Readable.from(
      (async function* () {
        yield Buffer.alloc(1000);
        throw new Error('S3 broke off');
      })(),
    );
    await pipeline(failing, response).catch(() => {});
  });
  app.get('/several', (_request, response) => {
    response
      .cookie('a', '1')
      .cookie('b', '2, and 3', { path: '/b' })
      .cookie('c', '4')
      .append('Vary', ['One', 'Two'])
      .send('ok');
  });
  app.delete('/nothing', (_request, response) => void response.status(204).end());
  const upload = multer({ storage: multer.memoryStorage() });
  app.post('/form', upload.single('file'), (request, response) => {
    response.json({
      fields: request.body,
      size: request.file?.size,
      bytes: request.file?.buffer.toString('hex'),
    });
  });
  app.post('/json', async (_request, _response, next) => {
    await new Promise((resolve) => setTimeout(resolve, 5)); // as a session's look-up does
    next();
  });
  app.post(
    '/json',
    express.json(),
    express.urlencoded(),
    (request, response) => void response.json(request.body),
  );
  app.use('/echo', (request, response) => {
    const { originalUrl, query, ip, headers, secure, body } = request;
    response.json({ originalUrl, query, ip, headers, secure, isRead: body !== undefined });
  });
  const logs = createLogCapture();
  const logger = createLogger({ level: 'info', destination: logs.destination });
  return { handler: createLambdaHandler({ app, logger, settle: createInFlight().settle }), logs };
}

const { handler, logs } = createHandler();

for (const [name, kind] of Object.entries(eventKinds)) {
  const get = (path: string, more: Partial<GatewayRequest> = {}) => ask(handler, kind, { path, ...more });
  const echo = async (path: string, more: Partial<GatewayRequest> = {}) =>
    JSON.parse((await get(path, more)).text);

  describe(`behind ${name}`, () => {
    test('path and query arrive as they were asked for', async () => {
      const asked = await echo('/echo/a%20b/%C3%A9?one=a%26b%3Dc&two=%C3%A9+%2B&empty=');
      assert.equal(asked.originalUrl.split('?')[0], '/echo/a%20b/%C3%A9');
      assert.deepEqual(asked.query, { one: 'a&b=c', two: 'é +', empty: '' });
    });

    test('a query’s repeated names keep their values, where they are passed on', async () => {
      const { query } = await echo('/echo?tag=a&tag=b%2Cc');
      assert.deepEqual(query, { tag: name === 'a load balancer' ? 'b,c' : ['a', 'b,c'] });
    });

    test('what says whom the gateway spoke with is believed; a header that anybody writes is not', async () => {
      const { ip, secure } = await echo('/echo', {
        sourceIp: '198.51.100.9',
        headers: { 'x-forwarded-for': '6.6.6.6', 'x-forwarded-proto': 'http' },
      });
      assert.equal(ip, '198.51.100.9');
      assert.equal(secure, true);
    });

    test('a proxy that is trusted says whom it spoke with', async () => {
      const headers = { 'x-forwarded-for': '6.6.6.6, 198.51.100.9' };
      assert.equal((await echo('/echo', { sourceIp: '192.0.2.200', headers })).ip, '198.51.100.9');
    });

    test('no body is there before it was read', async () => {
      assert.equal((await echo('/echo', { method: 'POST', body: 'x' })).isRead, false);
    });

    test('cookies and other headers arrive', async () => {
      const { headers } = await echo('/echo', { headers: { cookie: 'a=1; b=x=y', 'x-csrf-token': 't' } });
      assert.equal(headers.cookie, 'a=1; b=x=y');
      assert.equal(headers['x-csrf-token'], 't');
    });

    test('several cookies and values of a header go out', async () => {
      const { setCookies, headers } = await get('/several');
      assert.deepEqual(setCookies, ['a=1; Path=/', 'b=2%2C%20and%203; Path=/b', 'c=4; Path=/']);
      assert.equal(headers.vary, 'One, Two');
    });

    test('JSON and forms are read, after a wait too', async () => {
      const json = { 'content-type': 'application/json' };
      const body = JSON.stringify({ name: 'Größe' });
      const answer = await get('/json', { method: 'POST', headers: json, body });
      assert.deepEqual(JSON.parse(answer.text), { name: 'Größe' });
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      const posted = await get('/json', { method: 'POST', headers: form, body: 'a=1&b=%20' });
      assert.deepEqual(JSON.parse(posted.text), { a: '1', b: ' ' });
    });

    test('a file in a multipart form arrives byte for byte', async () => {
      const bytes = Buffer.from(Array.from({ length: 1024 }, (_, index) => index % 256));
      const body = buildForm([
        { name: 'note', body: 'hello' },
        { name: 'file', fileName: 'a.bin', type: 'application/octet-stream', body: bytes },
      ]);
      const type = `multipart/form-data; boundary=${/^--(.*)\r\n/.exec(body.toString('latin1'))?.[1]}`;
      const answer = await get('/form', { method: 'POST', headers: { 'content-type': type }, body });
      assert.deepEqual(JSON.parse(answer.text), {
        fields: { note: 'hello' },
        size: 1024,
        bytes: bytes.toString('hex'),
      });
    });

    test('a PDF goes out byte for byte', async () => {
      const { status, body, headers } = await get('/binary/100000');
      assert.equal(status, 200);
      assert.equal(headers['content-type'], 'application/pdf');
      assert.ok(body.equals(Buffer.alloc(100_000, 0x9f)));
    });

    test('HEAD and 204 have no body', async () => {
      const head = await get('/text/10', { method: 'HEAD' });
      assert.equal(head.status, 200);
      assert.equal(head.body.length, 0);
      const none = await get('/nothing', { method: 'DELETE' });
      assert.deepEqual([none.status, none.body.length], [204, 0]);
    });

    test('a body that nobody read does not keep an answer from going out', async () => {
      const answer = await get('/unknown', { method: 'POST', body: Buffer.alloc(100_000) });
      assert.equal(answer.status, 404);
      assert.match(answer.text, /Cannot POST/);
    });

    test('an answer that breaks off becomes a problem that says so, at once', async () => {
      const { status, text, headers } = await get('/broken');
      assert.equal(status, 500);
      assert.match(text, /was interrupted/);
      assert.equal(headers['cache-control'], 'no-store');
    });

    test('an answer that is too large becomes a problem that says so', async () => {
      const isBalancer = name.startsWith('a load balancer');
      const fits = isBalancer ? 0.7 * megabyte : 4.4 * megabyte;
      assert.equal((await get(`/binary/${Math.floor(fits)}`)).body.length, Math.floor(fits));
      const tooLarge = Math.floor(isBalancer ? 0.8 * megabyte : 4.6 * megabyte);
      const answer = await get(`/api/v1/binary/${tooLarge}`);
      assert.equal(answer.status, 500);
      assert.equal(answer.headers['content-type'], 'application/problem+json');
      const { code, requestId } = JSON.parse(answer.text);
      assert.deepEqual({ code, requestId }, { code: 'answer-too-large', requestId: 'R1' });
      assert.equal((await get(`/text/${isBalancer ? 1.1 * megabyte : 6.1 * megabyte}`)).status, 500);
      // each becomes two characters of JSON
      assert.equal((await get(`/quotes/${Math.floor((isBalancer ? 0.6 : 3.1) * megabyte)}`)).status, 500);
      assert.match(logs.text(), /response too large for Lambda/);
    });
  });
}

test('what is no request is refused, so that no message counts as done', async () => {
  const record = { messageId: 'm1', eventSource: 'aws:sqs', body: '{}' };
  for (const event of [{ Records: [record] }, {}, null, { task: 'sweep' }]) {
    await assert.rejects(handler(event, context), /accepts only HTTP requests/);
  }
});

test('Node 24’s runtime takes the handler: it has no third parameter', () => {
  assert.ok(handler.length <= 2);
});

test('a load balancer’s address may have a port; a path that is not encoded well is taken as it is', async () => {
  const balancer = eventKinds['a load balancer'];
  assert.ok(balancer);
  const of = async (sourceIp: string) =>
    JSON.parse((await ask(handler, balancer, { path: '/echo/50%', sourceIp })).text);
  const { ip, originalUrl } = await of('198.51.100.9:4711');
  assert.equal(ip, '198.51.100.9');
  assert.equal(originalUrl, '/echo/50%25');
  assert.equal((await of('[2001:db8::7]:4711')).ip, '2001:db8::7');
  assert.equal((await of('2001:db8::7')).ip, '2001:db8::7');
});
