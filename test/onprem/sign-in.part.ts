// Signing in and out in a real browser, through the proxy.
import assert from 'node:assert/strict';
import { generateSigningKey } from '../../src/local/identity-provider/signing-key.ts';
import type { TestBrowser, VisitOptions } from '../support/browser.ts';
import {
  assertAsksForPassword,
  openCompanyBrowser,
  signInByBrowser,
  signOutByMenu,
} from './browser-flows.ts';
import type { Finding, Part, Surroundings } from './part.ts';

// Chromium complains about a form on Keycloak's page that leads to another site by script
const windowOptions: VisitOptions = { expected: /request to elsewhere: data:/ };

const barePem = (pem: string) => pem.replace(/-----[^-]+-----|\s/g, '');

interface Stage extends Surroundings {
  browser: TestBrowser;
}

const steps: { tried: string; run(stage: Stage): Promise<string> }[] = [
  {
    tried: 'sign-in in a browser, by https; cookies; groups as names',
    async run({ browser, addresses }) {
      return browser.visit(windowOptions, async ({ page }) => {
        await signInByBrowser(page, `${addresses.paperlift}/`, 'alice@example.com');
        assert.match(await page.content(), /Alice Archer/);
        const cookies = await page.cookies();
        const session = cookies.find(({ name }) => name === '__Host-paperlift');
        assert.ok(session?.secure && session.httpOnly, JSON.stringify(cookies));
        assert.deepEqual(
          [session.path, session.sameSite, session.domain],
          ['/', 'Lax', 'paperlift.example.com'],
        );
        return 'works; `__Host-` cookie, Secure, HttpOnly, Lax';
      });
    },
  },
  {
    tried: 'groups as distinguished names',
    async run({ browser, addresses, keycloak, configure }) {
      const dn = 'CN=Scanning\\, Berlin,OU=Groups,DC=example,DC=com';
      await keycloak.createPerson({
        email: 'dora@example.com',
        firstName: 'Dora',
        lastName: 'Dunn',
        groups: ['CN=Scanning\\, Berlin,OU=Groups,DC=example,DC=com', 'CN=All Staff,DC=example,DC=com'],
      });
      const table = {
        'Paperlift Users': 'paperlift-users',
        'Paperlift Admins': 'paperlift-admins',
        [dn]: 'paperlift-users',
      };
      await configure({ GROUP_TABLE: JSON.stringify(table) });
      return browser.visit(windowOptions, async ({ page }) => {
        await signInByBrowser(page, `${addresses.paperlift}/`, 'dora@example.com');
        assert.match(await page.content(), /Dora Dunn/);
        return 'work, with a comma in a name';
      });
    },
  },
  {
    tried: '“Client signature required”: signed requests',
    async run({ browser, addresses, keycloak, configure }) {
      const { privateKey, certificate } = await generateSigningKey();
      await configure({ SAML_SP_PRIVATE_KEY: privateKey, SAML_SP_CERTIFICATE: certificate });
      await keycloak.changeClient({
        frontchannelLogout: true,
        attributes: {
          'saml.client.signature': 'true',
          'saml.signing.certificate': barePem(certificate),
          saml_single_logout_service_url_post: `${addresses.paperlift}/auth/saml/slo`,
        },
      });
      const expected = /400|console error/;
      await browser.visit({ ...windowOptions, expected }, async ({ page }) => {
        await page.goto(`${addresses.paperlift}/`);
        const unsigned = page.url().replace(/&SigAlg=.*$/, '');
        assert.notEqual(unsigned, page.url(), 'the request is signed');
        const refused = await page.goto(unsigned);
        assert.equal(refused?.status(), 400, 'Keycloak refuses a request without its signature');
      });
      return browser.visit(windowOptions, async ({ page }) => {
        await signInByBrowser(page, `${addresses.paperlift}/?q=it's+(1)!~`, 'alice@example.com');
        assert.match(decodeURIComponent(page.url()), /\?q=it's\+\(1\)!~$/);
        return 'accepted; without the signature refused';
      });
    },
  },
  {
    tried: 'single logout that starts at Paperlift',
    async run({ browser, addresses }) {
      return browser.visit(windowOptions, async ({ page }) => {
        await signInByBrowser(page, `${addresses.paperlift}/`, 'alice@example.com');
        await signOutByMenu(page);
        await assertAsksForPassword(page, `${addresses.paperlift}/`);
        return 'ends both sessions';
      });
    },
  },
  {
    tried: 'single logout that starts at Keycloak, in the browser',
    async run({ browser, addresses }) {
      return browser.visit(windowOptions, async ({ page }) => {
        await signInByBrowser(page, `${addresses.paperlift}/`, 'alice@example.com');
        await page.goto(`${addresses.identity}/realms/paperlift/protocol/openid-connect/logout`);
        await page.click('#kc-logout');
        await page.waitForNavigation({ waitUntil: 'networkidle0' }).catch(() => {});
        await assertAsksForPassword(page, `${addresses.paperlift}/`);
        return 'ends both sessions';
      });
    },
  },
  {
    tried: 'sign-out of a person by Keycloak’s administrator',
    async run({ browser, addresses, keycloak }) {
      return browser.visit(windowOptions, async ({ page }) => {
        await signInByBrowser(page, `${addresses.paperlift}/`, 'bob@example.com');
        const { id } = await keycloak.findUser('bob@example.com');
        await keycloak.call('POST', `/users/${id}/logout`);
        await page.goto(`${addresses.paperlift}/account`);
        const isStillHere = new URL(page.url()).pathname === '/account';
        return isStillHere ? 'does not reach Paperlift' : 'ends the session at Paperlift';
      });
    },
  },
  {
    tried: 'encrypted assertions',
    async run({ browser, addresses, keycloak, configure }) {
      const { privateKey, certificate } = await generateSigningKey();
      await configure({ SAML_DECRYPTION_KEY: privateKey, SAML_DECRYPTION_CERTIFICATE: certificate });
      await keycloak.changeClient({
        attributes: { 'saml.encrypt': 'true', 'saml.encryption.certificate': barePem(certificate) },
      });
      let algorithms = '';
      await browser.visit(windowOptions, async ({ page }) => {
        page.on('request', (request) => {
          const response = new URLSearchParams(request.postData()).get('SAMLResponse');
          if (!response) return;
          const xml = Buffer.from(response, 'base64').toString();
          const names = [...xml.matchAll(/EncryptionMethod Algorithm="[^"]*[#/]([^"]+)"/g)].map(
            ([, name]) => name,
          );
          algorithms = names.join(' and ');
        });
        await signInByBrowser(page, `${addresses.paperlift}/`, 'alice@example.com');
        assert.match(await page.content(), /Alice Archer/);
      });
      assert.ok(algorithms, 'the assertion was encrypted');
      await keycloak.changeClient({ attributes: { 'saml.encrypt': 'false' } });
      return `decrypted (${algorithms})`;
    },
  },
  {
    tried: 'key roll-over of the realm',
    async run({ browser, addresses, keycloak }) {
      const { id: parentId } = await keycloak.call('GET', '');
      const { keys: before, active } = await keycloak.call('GET', '/keys');
      await keycloak.call('POST', '/components', {
        name: 'rsa-of-next-year',
        providerId: 'rsa-generated',
        providerType: 'org.keycloak.keys.KeyProvider',
        parentId,
        config: { priority: ['200'], keySize: ['2048'] },
      });
      const { active: now } = await keycloak.call('GET', '/keys');
      assert.notEqual(now.RS256, active.RS256, 'another key signs');
      const signIn = () =>
        browser.visit(windowOptions, async ({ page }) => {
          await signInByBrowser(page, `${addresses.paperlift}/`, 'alice@example.com');
        });
      await signIn();
      const { providerId } = before.find(({ kid }: { kid: string }) => kid === active.RS256);
      await keycloak.call('DELETE', `/components/${providerId}`);
      await signIn();
      return 'the first sign-in after it works, and those after the old key is gone';
    },
  },
];

export const signInPart: Part = {
  name: 'sign-in: SAML in a browser',
  async run(surroundings) {
    const browser = await openCompanyBrowser(surroundings);
    const findings: Finding[] = [];
    const failures: string[] = [];
    try {
      for (const { tried, run } of steps) {
        try {
          const found = await run({ ...surroundings, browser });
          findings.push({ service: 'keycloak', tried, found });
          surroundings.print(`    ok  ${tried}: ${found}`);
        } catch (error) {
          surroundings.print(`    FAILED  ${tried}: ${(error as Error).stack}`);
          failures.push(tried);
        }
      }
    } finally {
      await browser.stop();
    }
    if (failures.length > 0) throw new Error(`failed: ${failures.join('; ')}`);
    return findings;
  },
};
