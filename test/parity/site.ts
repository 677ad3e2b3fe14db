// A Paperlift at some address, as the checks use it: people who sign in through its identity provider, programs with
// tokens, and one project that is read once for all checks that only look.
import assert from 'node:assert/strict';
import { hiddenFields } from '../support/hidden-fields.ts';
import { waitFor } from '../support/wait.ts';
import { createRecording } from './recording.ts';
import { sampleFiles } from './sample-files.ts';
import { type Answer, ask, type Call, createVisitor, type Visitor } from './visitor.ts';

export interface SiteOptions {
  /** Where people open it, for example `http://localhost:3000`: the same as its PUBLIC_URL. */
  base: string;
  /** An access token of the user pool, by the person's address. Missing where there is no pool. */
  tokenOf?: TokenOf | undefined;
  /** Signs the person in at the identity provider's page. Returns what it has the browser post to Paperlift. */
  answerOfProvider?: AnswerOfProvider | undefined;
}

type TokenOf = (email: string) => Promise<string>;
type AnswerOfProvider = (location: string, email: string) => Promise<Record<string, string>>;

const noTokens: TokenOf = async () => {
  throw new Error('There is no user pool');
};

/** A check's way to the site: everything that visitors and programs are answered is recorded. */
export type Site = ReturnType<typeof createSite>;

export interface ReadProject {
  projectId: string;
  pageIds: string[];
}

interface Session {
  cookies: Map<string, string>;
  csrfToken: string;
}

export type Person = Visitor & {
  csrfToken: string;
  /** Calls the API at `/api/v1…`, with the CSRF token where something changes. */
  api(method: string, path: string, call?: Call): Promise<Answer>;
  /** Sends a form of the pages for people, with the CSRF token. */
  submit(path: string, fields?: Record<string, string>): Promise<Answer>;
};

/** Finds the identity provider. Throws when nobody answers at the address. */
export async function findSite(options: SiteOptions) {
  const { base, tokenOf = noTokens, answerOfProvider = answerOfLocalProvider } = options;
  const login = await ask('GET', `${base}/auth/login`);
  assert.equal(login.status, 302, `${base}/auth/login answers ${login.status}: ${login.text.slice(0, 300)}`);
  const provider = new URL(login.headers.location as string).origin;
  const sessions = new Map<string, Promise<Session>>();
  const shared: { readProject?: Promise<ReadProject> } = {};
  return { base, provider, tokenOf, answerOfProvider, sessions, shared };
}

export function createSite(found: Awaited<ReturnType<typeof findSite>>) {
  const { base, provider, tokenOf, answerOfProvider, sessions, shared } = found;
  const recording = createRecording({ base, provider });

  const visitor = (headers?: Record<string, string>) =>
    createVisitor({ base, onAnswer: recording.add, ...(headers ? { headers } : {}) });

  /** A browser of somebody who is signed in: with a session that other checks use, too, unless a fresh one is wanted. */
  async function signIn(email: string, { isFresh = false } = {}): Promise<Person> {
    const existing = isFresh ? undefined : sessions.get(email);
    const beginning = existing ?? beginSession(email);
    if (!isFresh) sessions.set(email, beginning);
    const { cookies, csrfToken } = await beginning;
    const browser = visitor();
    for (const [name, value] of cookies) browser.cookies.set(name, value);
    const api = (method: string, path: string, call: Call = {}) =>
      browser.call(method, `/api/v1${path}`, {
        ...call,
        headers: { ...(method === 'GET' ? {} : { 'x-csrf-token': csrfToken }), ...call.headers },
      });
    const submit = (path: string, fields: Record<string, string> = {}) =>
      browser.post(path, { form: { _csrf: csrfToken, ...fields } });
    return { ...browser, csrfToken, api, submit };
  }

  async function beginSession(email: string): Promise<Session> {
    const browser = visitor();
    const login = await browser.get('/auth/login', { quiet: true });
    const form = await answerOfProvider(login.headers.location as string, email);
    const signedIn = await browser.post('/auth/saml/acs', { form, quiet: true });
    assert.equal(signedIn.status, 303, signedIn.text);
    const account = await browser.get('/account', { quiet: true });
    return { cookies: browser.cookies, csrfToken: csrfTokenIn(account.text) };
  }

  /** Somebody's program: calls the API with a token and no cookie. */
  async function program(email: string): Promise<Visitor> {
    return visitor({ authorization: `Bearer ${await tokenOf(email)}` });
  }

  return {
    base,
    provider,
    answers: recording.answers,
    visitor,
    signIn,
    program,
    tokenOf,
    answerOfProvider,

    /** A project of alice's with two pages that are read. Not to be changed. */
    async readProject(): Promise<ReadProject> {
      shared.readProject ??= signIn('alice@example.com').then(prepareReadProject);
      return shared.readProject;
    },
  };
}

async function prepareReadProject(alice: Person): Promise<ReadProject> {
  const files = await sampleFiles();
  const projectId = await createProject(alice, 'Invoices, März');
  const pageIds = await upload(alice, projectId, [files.invoice, files.letter]);
  await waitUntilRead(alice, projectId);
  return { projectId, pageIds };
}

/** What the local identity provider has the browser post to Paperlift, after the person pressed the button there. */
const answerOfLocalProvider: AnswerOfProvider = async (location, email) => {
  const page = await ask('GET', location);
  const body = new URLSearchParams({ ...hiddenFields(page.text), person: email }).toString();
  const posted = await ask(
    'POST',
    new URL('/sso', location),
    { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(body.length) },
    body,
  );
  assert.equal(posted.status, 200, posted.text);
  return hiddenFields(posted.text);
};

export function csrfTokenIn(html: string): string {
  return /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
}

export async function createProject(person: Person, name: string, quiet = true): Promise<string> {
  const made = await person.api('POST', '/projects', { json: { name }, quiet });
  assert.equal(made.status, 201, made.text);
  return made.json.id;
}

/** Uploads the files in one form. Returns the ids of the pages. */
export async function upload(
  person: Person,
  projectId: string,
  files: { fileName: string; type: string; body: Buffer }[],
  quiet = true,
): Promise<string[]> {
  const parts = files.map((file) => ({ name: 'files', ...file }));
  const answer = await person.api('POST', `/projects/${projectId}/pages`, { parts, quiet });
  assert.equal(answer.status, 201, answer.text);
  return answer.json.items.map(({ id }: { id: string }) => id);
}

/** Waits until every page of the project is ready. */
export async function waitUntilRead(person: Person, projectId: string) {
  await waitFor(
    'the pages to be read',
    async () => {
      const { json } = await person.api('GET', `/projects/${projectId}/pages`, { quiet: true });
      const items = json.items as { status: string; failure?: { message: string } }[];
      const failed = items.find(({ status }) => status === 'failed');
      assert.equal(failed, undefined, failed?.failure?.message);
      return items.every(({ status }) => status === 'ready') ? true : undefined;
    },
    60_000,
  );
}

/** Asks for an export and waits until it is made. Returns its address below `/api/v1`. */
export async function makeExport(person: Person, projectId: string, format: string): Promise<string> {
  const asked = await person.api('POST', `/projects/${projectId}/exports`, { json: { format }, quiet: true });
  assert.equal(asked.status, 202, asked.text);
  const address = `/projects/${projectId}/exports/${asked.json.id}`;
  await waitFor(
    `the export as ${format}`,
    async () => {
      const { json } = await person.api('GET', address, { quiet: true });
      assert.notEqual(json.status, 'failed', json.failure?.message);
      return json.status === 'ready' ? true : undefined;
    },
    60_000,
  );
  return address;
}

/** A refusal as programs get it: problem+json with this code and the request's id. */
export function assertProblem({ status, headers, text, json }: Answer, expected: number, code: string) {
  assert.deepEqual([status, text && json.code], [expected, code], text);
  assert.match(headers['content-type'] ?? '', /^application\/problem\+json/);
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(json.status, expected);
  assert.equal(json.requestId, headers['x-request-id']);
  assert.match(json.detail, /\w+ \w+/);
}

export function assertStatus(answer: Answer, expected: number) {
  assert.equal(answer.status, expected, `${answer.status}: ${answer.text.slice(0, 500)}`);
}

/** A redirect that leads exactly there. */
export function assertRedirect(answer: Answer, location: string, status = 303) {
  assert.deepEqual([answer.status, answer.headers.location], [status, location], answer.text.slice(0, 500));
}
