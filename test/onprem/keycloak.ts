// Keycloak as its administrator sees it, by its admin API, and as people see it, by its sign-in page.
import assert from 'node:assert/strict';
import { ask, createVisitor } from '../parity/visitor.ts';
import { hiddenFields } from '../support/hidden-fields.ts';

export interface KeycloakPerson {
  email: string;
  firstName: string;
  lastName: string;
  groups: string[];
}

export const realm = 'paperlift';
/** Of everyone whom the check creates. */
const password = 'a password of the check';

// biome-ignore lint/suspicious/noExplicitAny: each caller knows what it asked for
type Json = any;

/** The admin API at an address such as `https://sign-in.example.com`. */
export function createKeycloak({ base, adminPassword }: { base: string; adminPassword: string }) {
  async function token(): Promise<string> {
    const form = {
      grant_type: 'password',
      client_id: 'admin-cli',
      username: 'admin',
      password: adminPassword,
    };
    const answer = await createVisitor({ base }).post('/realms/master/protocol/openid-connect/token', {
      form,
    });
    assert.equal(answer.status, 200, answer.text);
    return answer.json.access_token;
  }

  /** Below `/admin/realms/paperlift`. Throws when Keycloak refuses. */
  async function call(method: string, path: string, json?: unknown): Promise<Json> {
    const headers = { authorization: `Bearer ${await token()}` };
    const visitor = createVisitor({ base, headers });
    const answer = await visitor.call(
      method,
      `/admin/realms/${realm}${path}`,
      json === undefined ? {} : { json },
    );
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.text ? answer.json : undefined;
  }

  async function createGroup(name: string): Promise<string> {
    const groups = (await call('GET', '/groups')) as { id: string; name: string }[];
    const existing = groups.find((group) => group.name === name);
    if (existing) return existing.id;
    await call('POST', '/groups', { name });
    return createGroup(name);
  }

  async function findUser(email: string): Promise<Json> {
    return (await call('GET', `/users?email=${encodeURIComponent(email)}&exact=true`))[0];
  }

  return {
    base,
    call,
    findUser,

    /** Creates a person as docs/on-prem.md says. */
    async createPerson({ email, firstName, lastName, groups }: KeycloakPerson): Promise<void> {
      await call('POST', '/users', {
        username: email.split('@')[0],
        email,
        emailVerified: true,
        enabled: true,
        firstName,
        lastName,
        credentials: [{ type: 'password', value: password, temporary: false }],
      });
      const { id } = await findUser(email);
      for (const group of groups) await call('PUT', `/users/${id}/groups/${await createGroup(group)}`);
    },

    /** Changes the client that Paperlift is: attributes are merged, everything else replaced. */
    async changeClient(change: {
      attributes?: Record<string, string>;
      [name: string]: unknown;
    }): Promise<void> {
      const [client] = (await call('GET', '/clients?search=true&clientId=auth/saml/metadata')) as Json[];
      const attributes = { ...client.attributes, ...change.attributes };
      await call('PUT', `/clients/${client.id}`, { ...client, ...change, attributes });
    },
  };
}

export type Keycloak = ReturnType<typeof createKeycloak>;

// Keycloak's protection against guessing refuses a sign-in while another of the same person is being checked
const signingIn = new Map<string, Promise<unknown>>();

/** Signs in at Keycloak's page and returns the form that it has the browser post to Paperlift. */
export async function answerOfKeycloak(location: string, email: string): Promise<Record<string, string>> {
  const before = signingIn.get(email);
  const turn = Promise.resolve(before?.catch(() => {})).then(() => signIn(location, email));
  signingIn.set(email, turn);
  return turn;
}

async function signIn(location: string, email: string): Promise<Record<string, string>> {
  const { origin, pathname, search } = new URL(location);
  const browser = createVisitor({ base: origin });
  const page = await browser.get(`${pathname}${search}`);
  const action = new URL(actionIn(page.text, /id="kc-form-login"/), origin);
  const signedIn = await browser.post(`${action.pathname}${action.search}`, {
    form: { username: email, password, credentialId: '' },
  });
  assert.equal(signedIn.status, 200, textOf(signedIn.text));
  const fields = hiddenFields(signedIn.text);
  assert.ok(fields.SAMLResponse, textOf(signedIn.text));
  return fields;
}

/** The address of the first form whose tag matches. */
function actionIn(html: string, form: RegExp): string {
  const tag = [...html.matchAll(/<form[^>]*>/g)].map(([all]) => all).find((all) => form.test(all));
  const action = /action="([^"]+)"/.exec(tag ?? '')?.[1];
  assert.ok(action, `no such form: ${textOf(html)}`);
  return action.replaceAll('&amp;', '&');
}

export { ask, password as passwordOfEveryone };

/** What a page says, for messages. */
function textOf(html: string): string {
  const words = html.replace(/<(script|style)[\s\S]*?<\/\1>|<[^>]*>/g, ' ');
  return words.replace(/\s+/g, ' ').slice(0, 500);
}
