// What was answered, without what differs from run to run: ids, times, nonces, tokens, cookies, addresses.
import { createHash } from 'node:crypto';
import { readPdf } from './pdf.ts';
import type { Answer } from './visitor.ts';

/** One answer, ready to be compared byte for byte with the same step's of another run. */
export interface RecordedAnswer {
  step: string;
  status: number;
  headers: Record<string, string | string[]>;
  /** The text, what a PDF says, or of anything else the hash. */
  body: string;
}

/** The connection's own, and what proxies and gateways add. The length is asserted against the body instead. */
const ofTheConnection =
  /^(date|connection|keep-alive|transfer-encoding|content-length|via|server|alt-svc|apigw-requestid|x-amzn?-.*)$/;

/** By itself, or behind the `m` of a line that a person adds. */
const ulid = /(?<![0-9A-Za-z])m?[0-7][0-9A-HJKMNP-TV-Z]{25}(?![0-9A-Za-z])/g;
const isoTime = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
const saidTime = /\d{1,2} [A-Z][a-z]+ \d{4}(,| at) \d\d:\d\d:\d\d UTC/g;
const ago = /just now|\d+ (minute|hour)s? ago/g;

/** What follows from DIRECT_ABOVE_BYTES, which is set where bodies do not fit: how large files go, and by which origin. */
const ofDirectTransfers: [RegExp, string][] = [
  [/((?:img|connect)-src 'self')( https?:\/\/[^ ;]+)?/g, '$1'],
  [/ data-direct-above="[^"]*"/g, ''],
  [
    / *<noscript><span class="soft small">Without JavaScript, you can upload up to [^<]*<\/span><\/noscript>\n/g,
    '',
  ],
];

/** Ids are numbered in the order in which a check sees them, so that the same step has the same number in each run. */
export function createRecording({ base, provider }: { base: string; provider: string }) {
  const ids = new Map<string, number>();
  const answers: RecordedAnswer[] = [];
  const { host } = new URL(base);

  function normalise(text: string): string {
    return ofDirectTransfers
      .reduce((shorter, [pattern, substitute]) => shorter.replace(pattern, substitute), text)
      .replaceAll(base, '<base>')
      .replaceAll(encodeURIComponent(base), '<base>')
      .replaceAll(host, '<host>')
      .replaceAll(provider, '<provider>')
      .replace(/(SAML(?:Request|Response))=[^&"]+/g, '$1=<message>')
      .replace(isoTime, '<time>')
      .replace(saidTime, '<time>')
      .replace(ago, '<ago>')
      .replace(/(name="_csrf" value="|data-csrf=")[\w-]{43}"/g, '$1<csrf>"')
      .replace(ulid, (id) => {
        if (!ids.has(id)) ids.set(id, ids.size + 1);
        return `<id ${ids.get(id)}>`;
      });
  }

  async function bodyOf({ headers, body, text }: Answer, normaliseMore: (text: string) => string) {
    const type = headers['content-type'] ?? '';
    if (body.length === 0) return '';
    if (type.startsWith('application/pdf')) return readPdf(body);
    const isText = /^text\/|json|xml|javascript/.test(type);
    if (isText && !body.equals(Buffer.from(text))) return `not UTF-8: ${hashOf(body)}`;
    return isText ? normaliseMore(text) : hashOf(body);
  }

  return {
    answers,

    async add(method: string, path: string, answer: Answer) {
      const policy = String(answer.headers['content-security-policy'] ?? '');
      const nonce = /'nonce-([\w-]+)'/.exec(policy)?.[1];
      const withoutNonce = (text: string) => normalise(nonce ? text.replaceAll(nonce, '<nonce>') : text);
      const headers: RecordedAnswer['headers'] = {};
      for (const [name, value] of Object.entries(answer.headers).sort()) {
        if (ofTheConnection.test(name) || value === undefined) continue;
        headers[name] =
          name === 'set-cookie'
            ? (value as string[]).map((line) => withoutNonce(normaliseCookie(line)))
            : withoutNonce(String(value));
      }
      answers.push({
        step: `${method} ${normalise(path)}`,
        status: answer.status,
        headers,
        body: await bodyOf(answer, withoutNonce),
      });
    },
  };
}

export type Recording = ReturnType<typeof createRecording>;

function hashOf(body: Buffer): string {
  return `${body.length} bytes, sha256 ${createHash('sha256').update(body).digest('hex')}`;
}

function normaliseCookie(line: string): string {
  return line
    .replace(/^([^=]+)=[^;]+/, '$1=<value>')
    .replace(/Expires=(?!Thu, 01 Jan 1970)[^;]+/i, 'Expires=<time>');
}
