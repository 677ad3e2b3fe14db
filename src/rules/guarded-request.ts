// HTTP to servers that people name: no redirect is followed, and no address is called that the guard refuses.
import { type OutgoingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createGuardedLookup, refuseLiteral } from '../events/address-guard.ts';
import { PushFailedError } from './file-to-push.ts';

export interface Answer {
  status: number;
  /** At most the first 64 KB. */
  body: string;
}

interface Asked {
  method: string;
  headers?: OutgoingHttpHeaders;
  body?: Buffer | string | Readable;
  signal: AbortSignal;
}

const maxAnswerBytes = 64 * 1024;
const earlyMs = 500;

/** `allowPrivate` also allows plain http. */
export function createGuardedRequest({ allowPrivate }: { allowPrivate: boolean }) {
  const lookup = createGuardedLookup(allowPrivate);

  return async (url: string, { method, headers = {}, body, signal }: Asked): Promise<Answer> => {
    const { protocol, hostname } = new URL(url);
    if (protocol !== 'https:' && !(allowPrivate && protocol === 'http:'))
      throw new PushFailedError('The address is not https');
    const refused = refuseLiteral(hostname, allowPrivate);
    if (refused) throw new PushFailedError(refused);
    const open = protocol === 'https:' ? requestHttps : requestHttp;
    const request = open(url, {
      method,
      agent: false, // a connection of its own, so that the guard is asked each time
      lookup,
      signal,
      headers: { 'user-agent': 'Paperlift-Rules/1', ...headers },
    });
    const answered = new Promise<Answer>((resolve, reject) => {
      request.once('error', reject);
      request.once('response', async (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        try {
          for await (const chunk of response as AsyncIterable<Buffer>) {
            if (length < maxAnswerBytes) chunks.push(chunk);
            length += chunk.length;
          }
          const text = Buffer.concat(chunks).toString('utf8').slice(0, maxAnswerBytes);
          resolve({ status: response.statusCode ?? 0, body: text });
        } catch (error) {
          reject(error);
        }
      });
    });
    answered.catch(() => {});
    const sent = body instanceof Readable ? pipeline(body, request) : Promise.resolve(void request.end(body));
    try {
      await sent;
    } catch (error) {
      // a server that refuses may answer before it has read everything: that says more than the broken pipe
      const early = await Promise.race([answered.catch(() => undefined), delay(earlyMs, undefined)]);
      if (!early) throw error;
      return early;
    }
    return answered;
  };
}

export type GuardedRequest = ReturnType<typeof createGuardedRequest>;
