import assert from 'node:assert/strict';
import type { Check } from './check.ts';
import { assertProblem, assertStatus } from './site.ts';
import type { Answer } from './visitor.ts';

/** What nobody needs to sign in for. */
export const publicChecks: Check[] = [
  {
    name: 'health: it lives, it is ready, and says nothing else',
    async run({ visitor }) {
      const anybody = visitor();
      assert.deepEqual((await anybody.get('/health/live')).json, { status: 'ok' });
      assert.deepEqual((await anybody.get('/health/ready')).json, { status: 'ok', down: [] });
      for (const path of ['/health/live', '/health/ready']) {
        const head = await anybody.call('HEAD', path);
        assert.deepEqual([head.status, head.body.length], [200, 0]);
      }
    },
  },
  {
    name: 'the API’s description names this site and every route',
    async run({ visitor, base }) {
      const answer = await visitor().get('/api/v1/openapi.json');
      assertStatus(answer, 200);
      assert.equal(answer.json.openapi, '3.1.0');
      assert.deepEqual(answer.json.servers, [{ url: `${base}/api/v1` }]);
    },
  },
  {
    name: 'every asset of a page comes whole, and is kept for good by its version',
    async run({ visitor }) {
      const anybody = visitor();
      const page = await anybody.get('/auth/signed-out');
      const addresses = [...page.text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
      assert.ok(addresses.length >= 3, page.text);
      for (const address of [
        ...(addresses as string[]),
        ...['htmx.js', 'site/live.js', 'review/review.js', 'uploads/upload.js', 'review/zoom.js'].map(
          (name) => `/assets/${name}`,
        ),
      ]) {
        const asset = await anybody.get(address);
        assertStatus(asset, 200);
        const isVersioned = address.includes('?v=');
        assert.equal(
          asset.headers['cache-control'],
          isVersioned ? 'public, max-age=31536000, immutable' : 'no-cache',
        );
        const head = await anybody.call('HEAD', address);
        assert.deepEqual([head.status, head.body.length], [200, 0]);
        const known = { 'if-none-match': String(asset.headers.etag) };
        const again = await anybody.get(address, { headers: known });
        assert.deepEqual([again.status, again.body.length], [304, 0]);
        await anybody.get(address, { headers: { range: 'bytes=0-9' } });
      }
      assertStatus(await anybody.get('/assets/styles.css?v=older'), 200);
    },
  },
  {
    name: 'security headers are on every kind of answer',
    async run({ visitor }) {
      const anybody = visitor();
      const answers: Answer[] = [];
      for (const path of [
        '/',
        '/nowhere',
        '/projects/01ARZ3NDEKTSV4RRFFQ69G5FAV',
        '/assets/styles.css',
        '/assets/nothing.css',
        '/favicon.ico',
        '/health/live',
        '/auth/login',
        '/auth/signed-out',
        '/auth/saml/metadata',
        '/auth/nowhere',
        '/api/v1/openapi.json',
        '/api/v1/projects',
        '/api/v1/nowhere',
      ]) {
        answers.push(await anybody.get(path));
        answers.push(await anybody.call('HEAD', path));
      }
      const nonces = answers.map(({ headers }) => {
        const policy = String(headers['content-security-policy']);
        assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/);
        assert.equal(headers['x-content-type-options'], 'nosniff');
        assert.equal(headers['referrer-policy'], 'same-origin');
        assert.equal(headers['x-frame-options'], 'DENY');
        assert.equal(headers['x-powered-by'], undefined);
        assert.match(String(headers['x-request-id']), /^[0-9A-Z]{26}$/);
        return /'nonce-([\w-]{22})'/.exec(policy)?.[1];
      });
      assert.equal(new Set(nonces).size, answers.length, 'each nonce is used once');
    },
  },
  {
    name: 'the length that is stated is the length that comes',
    async run({ visitor }) {
      const anybody = visitor();
      for (const path of [
        '/health/live',
        '/nowhere',
        '/assets/styles.css',
        '/api/v1/openapi.json',
        '/auth/signed-out',
      ]) {
        const { headers, body } = await anybody.get(path);
        assert.equal(headers['content-length'] ?? String(body.length), String(body.length), path);
      }
    },
  },
  {
    name: 'methods that no route is made for are refused, and say which are not',
    async run({ visitor }) {
      const anybody = visitor();
      for (const method of ['OPTIONS', 'PROPFIND', 'TRACE']) {
        for (const path of ['/', '/api/v1/projects', '/health/live', '/nowhere']) {
          const answer = await anybody.call(method, path);
          assertStatus(answer, 405);
          assert.equal(answer.headers.allow, 'GET, HEAD, POST, PUT, PATCH, DELETE');
        }
      }
      for (const [method, path] of [
        ['POST', '/health/live'],
        ['DELETE', '/assets/styles.css'],
        ['PUT', '/auth/saml/metadata'],
        ['PATCH', '/auth/login'],
      ] as const) {
        const answer = await anybody.call(method, path);
        assert.ok([401, 404, 405].includes(answer.status), `${method} ${path}: ${answer.status}`);
      }
    },
  },
  {
    name: 'without signing in: the API says 401, pages lead to the sign-in and back',
    async run({ visitor }) {
      const anybody = visitor();
      for (const [method, path] of [
        ['GET', '/projects'],
        ['POST', '/projects'],
        ['DELETE', '/projects/01ARZ3NDEKTSV4RRFFQ69G5FAV'],
        ['GET', '/nowhere'],
      ] as const) {
        const answer = await anybody.call(method, `/api/v1${path}`);
        assertProblem(answer, 401, 'not-signed-in');
        assert.equal(answer.headers['www-authenticate'], 'Bearer');
      }
      for (const path of ['/', '/projects/x?y=z&u=%C3%BC', '/admin']) {
        const answer = await anybody.get(path);
        assert.equal(answer.status, 303);
        assert.equal(answer.headers.location, `/auth/login?returnTo=${encodeURIComponent(path)}`);
      }
      assertStatus(await anybody.post('/projects', { form: { name: 'Nobody’s' } }), 401);
    },
  },
  {
    name: 'tokens that are none are refused as tokens, whatever else is right',
    async run({ visitor, signIn }) {
      const alice = await signIn('alice@example.com');
      for (const token of ['x', 'a.b.c', '']) {
        const headers = { authorization: `Bearer ${token}` };
        const answer = await visitor().get('/api/v1/projects', { headers });
        assert.equal(answer.status, 401, answer.text);
        assert.equal(
          (await alice.get('/api/v1/projects', { headers })).status,
          401,
          'not the cookie instead',
        );
      }
    },
  },
];
