// Somebody with a browser's cookies, or a program with a token, who asks a Paperlift by HTTP alone. Nothing is followed,
// decoded or retried by itself, so that every byte of an answer can be looked at.
import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { buildForm } from '../support/raw-form.ts';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** The body as text. */
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: each check asserts what it reads of it
  json: any;
}

export interface Part {
  name: string;
  fileName?: string;
  type?: string;
  body: string | Buffer;
}

export interface Call {
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Sent as JSON, as form fields, or as a multipart form. */
  json?: unknown;
  form?: Record<string, string>;
  parts?: Part[];
  /** Not recorded: the answer varies with time, or is about something else than the check. */
  quiet?: boolean;
}

export interface VisitorOptions {
  base: string;
  headers?: Record<string, string>;
  onAnswer?(method: string, path: string, answer: Answer): Promise<void>;
}

const agents = {
  'http:': new HttpAgent({ keepAlive: true, maxSockets: 8 }),
  'https:': new HttpsAgent({ keepAlive: true, maxSockets: 8 }),
};

/** Asks any address. Gives the answer as it came. */
export async function ask(
  method: string,
  address: string | URL,
  headers: Record<string, string> = {},
  body?: string | Buffer,
): Promise<Answer> {
  const url = new URL(address);
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const asking = request(url, { method, headers, agent: agents[url.protocol as 'http:'] }, (response) => {
      buffer(response).then((content) => {
        const text = content.toString('utf8');
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: content,
          text,
          get json() {
            return JSON.parse(text);
          },
        });
      }, reject);
    });
    asking.on('error', (error) => {
      reject(new Error(`${method} ${url.origin}${url.pathname}: ${error.message}`, { cause: error }));
    });
    asking.setTimeout(60_000, () => asking.destroy(new Error('no answer in a minute')));
    asking.end(body);
  });
}

export function createVisitor({ base, headers: always = {}, onAnswer }: VisitorOptions) {
  const cookies = new Map<string, string>();

  /** `path` begins with a slash, and goes out as it stands. */
  async function call(method: string, path: string, call: Call = {}): Promise<Answer> {
    const { type, body } = encode(call);
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = {
      ...(cookie ? { cookie } : {}),
      ...(type ? { 'content-type': type } : {}),
      ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      ...always,
      ...call.headers,
    };
    const answer = await ask(method, `${base}${path}`, headers, body);
    for (const line of answer.headers['set-cookie'] ?? []) keep(line);
    if (!call.quiet) await onAnswer?.(method, path, answer);
    return answer;
  }

  function keep(line: string) {
    const [pair = '', ...attributes] = line.split(';');
    const at = pair.indexOf('=');
    const [name, value] = [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    const expires = attributes.find((attribute) => /^\s*expires=/i.test(attribute))?.split('=')[1];
    const isGone = attributes.some((attribute) => /^\s*max-age=(0|-\d+)$/i.test(attribute));
    if (isGone || (expires && Date.parse(expires) < Date.now())) cookies.delete(name);
    else cookies.set(name, value);
  }

  return {
    cookies,
    call,
    get: (path: string, options?: Call) => call('GET', path, options),
    post: (path: string, options?: Call) => call('POST', path, options),
  };
}

export type Visitor = ReturnType<typeof createVisitor>;

function encode({ body, json, form, parts }: Call): { type?: string; body?: string | Buffer } {
  if (json !== undefined) return { type: 'application/json', body: JSON.stringify(json) };
  if (form) {
    return { type: 'application/x-www-form-urlencoded', body: new URLSearchParams(form).toString() };
  }
  if (parts) return { type: 'multipart/form-data; boundary=paperlift-test-boundary', body: buildForm(parts) };
  return body === undefined ? {} : { body };
}
