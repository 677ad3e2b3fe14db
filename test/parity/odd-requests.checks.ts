// What gateways and adapters like to change on the way: addresses that are encoded twice or not at all, parameters given
// twice, headers that claim to know better, bodies of odd kinds.
import assert from 'node:assert/strict';
import type { Check } from './check.ts';
import { assertStatus, createProject } from './site.ts';
import type { Call } from './visitor.ts';

const forwarded = {
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'evil.example',
  forwarded: 'host=evil.example',
};

export const oddRequestChecks: Check[] = [
  {
    name: 'odd addresses reach the application as they were sent',
    async run({ signIn }) {
      const alice = await signIn('alice@example.com');
      const projectId = await createProject(alice, 'Odd');
      for (const [address, status] of [
        ['/?scope=mine&scope=all', 400],
        ['/?scope=a+b%20c', 400],
        ['/nowhere?a=%zz', 404],
        ['/projects/%2e%2e/admin', 403],
        ['//evil.example/', 404],
        [`/projects//${projectId}`, 404],
        [`/projects/${projectId}/`, 200],
        ['/api/v1/projects/%C3%BC?x=%C3%BC', 400],
        ['/a%2Fb', 404],
        ['/a%3Fb=c', 404],
        ['/a%23b', 404],
        ['/a%25b', 404],
        ['/a;b=c+d', 404],
        [`/${'x'.repeat(7000)}`, 404],
        ['/.env', 404],
        ['/assets/..%2f..%2fpackage.json', 404],
      ] as const) {
        assertStatus(await alice.get(address), status);
      }
      await alice.api('DELETE', `/projects/${projectId}`, { quiet: true });
    },
  },
  {
    name: 'headers that claim to know better change nothing',
    async run({ signIn, visitor }) {
      const alice = await signIn('alice@example.com');
      const claims: Record<string, string>[] = [
        forwarded,
        { 'x-http-method-override': 'DELETE' },
        { 'hx-request': 'true' },
        { authorization: 'Basic eDp5' },
      ];
      for (const headers of claims) {
        assertStatus(await alice.get('/nowhere', { headers }), 404);
        const login = await visitor().get('/auth/login?returnTo=/admin', { headers });
        assertStatus(login, 302);
        assert.ok(!String(login.headers.location).includes('evil'));
      }
      const twice = { cookie: 'paperlift=x; paperlift=y' };
      assert.equal((await visitor(twice).get('/')).status, 303);
    },
  },
  {
    name: 'bodies of odd kinds are read as what they say they are',
    async run({ signIn }) {
      const alice = await signIn('alice@example.com');
      const json = { 'content-type': 'application/json' };
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      const token = `_csrf=${alice.csrfToken}`;
      const tries: [string, Call, number][] = [
        ['/api/v1/projects', {}, 400],
        ['/api/v1/projects', { headers: json, body: '' }, 400],
        ['/api/v1/projects', { headers: json, body: 'null' }, 400],
        ['/api/v1/projects', { headers: { ...json, 'content-encoding': 'unheard' }, body: '{}' }, 400],
        ['/api/v1/projects', { headers: json, body: '{"name":"\u{1f98a} \\u2028 ü"}' }, 201],
        ['/projects', { headers: form, body: `${token}&name=a%26b+c%C3%BC` }, 303],
        ['/projects', { headers: form, body: `${token}&name[x]=1` }, 400],
        ['/projects', { headers: form, body: `${token}&name=${'x'.repeat(150_000)}` }, 413],
        ['/auth/saml/slo', { form: { SAMLRequest: 'x' } }, 403],
      ];
      for (const [path, call, status] of tries) {
        const headers = {
          ...(path.startsWith('/api/') ? { 'x-csrf-token': alice.csrfToken } : {}),
          ...call.headers,
        };
        // the form is shown again above the list of projects, which other checks make longer
        const quiet = path === '/projects' && status === 400;
        const answer = await alice.post(path, { ...call, headers, quiet });
        assertStatus(answer, status);
        const id = /[0-9A-Z]{26}$/.exec(String(answer.headers.location))?.[0];
        if (id) await alice.api('DELETE', `/projects/${id}`, { quiet: true });
      }
    },
  },
];
