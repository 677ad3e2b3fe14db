import assert from 'node:assert/strict';
import type { Check } from './check.ts';
import { assertRedirect, assertStatus } from './site.ts';
import { ask } from './visitor.ts';

export const signInChecks: Check[] = [
  {
    name: 'sign-in: from a page, through the identity provider, back to the page, with a session of one’s own',
    async run({ visitor, base, provider, answerOfProvider }) {
      const browser = visitor();
      const wanted = '/?scope=own';
      const sentAway = await browser.get(wanted);
      const login = await browser.get(sentAway.headers.location as string);
      assertStatus(login, 302);
      const address = new URL(login.headers.location as string);
      assert.equal(address.origin, provider);
      assert.equal(address.searchParams.get('RelayState'), wanted);
      const form = await answerOfProvider(address.href, 'alice@example.com');
      assert.equal(form.RelayState, wanted);
      const signedIn = await browser.post('/auth/saml/acs', { form });
      assertRedirect(signedIn, wanted);
      const cookie = (signedIn.headers['set-cookie'] ?? []).find((line) =>
        /^(__Host-)?paperlift=/.test(line),
      );
      assert.match(cookie ?? '', /; Path=\/; .*HttpOnly/);
      assert.match(cookie ?? '', /; SameSite=Lax/);
      assert.equal(/; Secure/.test(cookie ?? ''), base.startsWith('https:'));
      const home = await browser.get(wanted, { quiet: true });
      assertStatus(home, 200);
      assert.match(home.text, /Alice Archer/);
      const again = await browser.post('/auth/saml/acs', { form });
      assertStatus(again, 403);
    },
  },
  {
    name: 'sign-in: RelayState leads only to a path of this site',
    async run({ visitor, answerOfProvider }) {
      for (const [returnTo, leadsTo] of [
        ['/projects/x?a=b', '/projects/x?a=b'],
        ['//evil.example', '/'],
        ['/\\evil.example', '/'],
        ['https://evil.example/', '/'],
        ['/auth/logout', '/'],
      ] as const) {
        const browser = visitor();
        const login = await browser.get(`/auth/login?returnTo=${encodeURIComponent(returnTo)}`);
        const form = await answerOfProvider(login.headers.location as string, 'alice@example.com');
        assertRedirect(await browser.post('/auth/saml/acs', { form }), leadsTo);
        const other = await browser.get('/auth/login');
        const forged = await answerOfProvider(other.headers.location as string, 'alice@example.com');
        const RelayState = returnTo === leadsTo ? '/\t/evil.example' : returnTo;
        assertRedirect(await browser.post('/auth/saml/acs', { form: { ...forged, RelayState } }), '/');
      }
    },
  },
  {
    name: 'sign-in: somebody without a group learns whom to ask, and is not signed in',
    async run({ visitor, answerOfProvider }) {
      const browser = visitor();
      const login = await browser.get('/auth/login');
      const form = await answerOfProvider(login.headers.location as string, 'dave@example.com');
      const refused = await browser.post('/auth/saml/acs', { form });
      assertStatus(refused, 403);
      assert.match(refused.text, /Dave Draper/);
      assert.equal((await browser.get('/')).status, 303);
    },
  },
  {
    name: 'sign-in: what is no response, or not this browser’s, is refused',
    async run({ visitor, answerOfProvider }) {
      const browser = visitor();
      const login = await browser.get('/auth/login');
      const { SAMLResponse = '' } = await answerOfProvider(
        login.headers.location as string,
        'alice@example.com',
      );
      const acs = '/auth/saml/acs';
      const changed = Buffer.from(
        Buffer.from(SAMLResponse, 'base64').toString().replace('alice@', 'carol@'),
      ).toString('base64');
      const post = (form: Record<string, string>) => browser.post(acs, { form });
      assertStatus(await post({}), 400);
      assertStatus(await post({ SAMLResponse: '' }), 400);
      assertStatus(await post({ SAMLResponse: 'no base64!' }), 400);
      assertStatus(await post({ SAMLResponse: Buffer.from('<a/>').toString('base64') }), 403);
      assertStatus(await post({ SAMLResponse: changed }), 403);
      assertStatus(await browser.post(acs, { json: { SAMLResponse } }), 400);
      const twice = `SAMLResponse=${encodeURIComponent(SAMLResponse)}`;
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      assertStatus(await browser.post(acs, { body: `${twice}&${twice}`, headers: form }), 400);
      assertStatus(await browser.post(`${acs}?${twice}`, { form: {} }), 400);
      assertStatus(await browser.get(`${acs}?${twice}`), 405);
      assertStatus(await visitor().post(acs, { form: { SAMLResponse } }), 403);
      assertRedirect(await post({ SAMLResponse }), '/');
    },
  },
  {
    name: 'sign-in: the metadata say where responses go',
    async run({ visitor, base }) {
      const answer = await visitor().get('/auth/saml/metadata');
      assertStatus(answer, 200);
      assert.match(String(answer.headers['content-type']), /^application\/samlmetadata\+xml/);
      assert.ok(answer.text.includes(`Location="${base}/auth/saml/acs"`), answer.text);
    },
  },
  {
    name: 'sign-out: the cookie is dead, also for who kept it',
    async run({ signIn, visitor }) {
      const alice = await signIn('alice@example.com', { isFresh: true });
      const kept = [...alice.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      assertStatus(await alice.post('/auth/logout', { form: {} }), 403);
      assertStatus(await alice.get('/', { quiet: true }), 200);
      const signedOut = await alice.submit('/auth/logout');
      assertRedirect(signedOut, '/auth/signed-out');
      const thief = visitor({ cookie: kept });
      assert.equal((await thief.get('/')).status, 303);
      assert.equal((await thief.get('/api/v1/projects')).status, 401);
      assertStatus(await alice.get('/auth/signed-out'), 200);
    },
  },
  {
    name: 'sign-out everywhere: every session and every token of the person is dead, nobody else’s',
    alone: true,
    needsTokens: true,
    async run({ signIn, program }) {
      const [here, elsewhere, carol] = [
        await signIn('bob@example.com', { isFresh: true }),
        await signIn('bob@example.com', { isFresh: true }),
        await signIn('carol@example.com'),
      ];
      const bobsProgram = await program('bob@example.com');
      assertStatus(await bobsProgram.get('/api/v1/projects', { quiet: true }), 200);
      assertRedirect(await here.submit('/auth/logout-everywhere'), '/auth/signed-out');
      assert.equal((await here.get('/')).status, 303);
      assert.equal((await elsewhere.get('/')).status, 303);
      assertStatus(await bobsProgram.get('/api/v1/projects'), 401);
      assertStatus(await carol.get('/', { quiet: true }), 200);
      assertStatus(await (await signIn('bob@example.com')).get('/', { quiet: true }), 200);
    },
  },
  {
    name: 'sign-in: cookies of the site are not given to the identity provider’s page',
    async run({ visitor }) {
      const browser = visitor();
      const login = await browser.get('/auth/login');
      const cookies = login.headers['set-cookie'] ?? [];
      assert.ok(cookies.length > 0 && cookies.every((line) => !/domain=/i.test(line)), cookies.join());
      assertStatus(await ask('GET', login.headers.location as string), 200);
    },
  },
];
