// Sends a webhook: one POST, signed after the Standard Webhooks specification (https://www.standardwebhooks.com). No redirect
// is followed, and no address inside the machine or its network is called unless configuration allows it.
import { createHmac } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { createGuardedLookup, refuseLiteral } from './address-guard.ts';
import type { Outcome } from './listener.ts';

export interface SenderOptions {
  /** Whether receivers may be in private networks, as on a company's own servers. */
  allowPrivate: boolean;
  timeoutMs?: number;
}

/** `v1,` and the signature of id, time and body by the secret (`whsec_` and base64). */
function sign(secret: string, { id, at, body }: { id: string; at: Date; body: string }): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const seconds = Math.floor(at.getTime() / 1000);
  return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`;
}

export function createWebhookSender({ allowPrivate, timeoutMs = 15_000 }: SenderOptions) {
  const guarded = createGuardedLookup(allowPrivate);

  /** Sends a body to a receiver. Never rejects: whatever went wrong is in the outcome. */
  return function send(
    url: string,
    secret: string,
    { id, at, body }: { id: string; at: Date; body: string },
  ) {
    const startedAt = performance.now();
    return new Promise<Outcome>((resolve) => {
      const end = (outcome: Omit<Outcome, 'ms'>) =>
        resolve({ ...outcome, ms: Math.round(performance.now() - startedAt) });
      const { protocol, hostname } = new URL(url);
      const refused = refuseLiteral(hostname, allowPrivate);
      if (refused) return end({ error: refused });
      const request = (protocol === 'https:' ? requestHttps : requestHttp)(
        url,
        {
          method: 'POST',
          agent: false, // a connection of its own, so that the guard is asked each time
          lookup: guarded,
          signal: AbortSignal.timeout(timeoutMs),
          headers: {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            'user-agent': 'Paperlift-Webhooks/1',
            'webhook-id': id,
            'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
            'webhook-signature': sign(secret, { id, at, body }),
          },
        },
        (response) => {
          response.resume();
          const status = response.statusCode ?? 0;
          response.once('end', () => end({ status }));
          response.once('error', () => end({ status }));
        },
      );
      request.once('error', (error: Error) =>
        end({
          error:
            error.name === 'TimeoutError' || error.name === 'AbortError'
              ? 'no answer in time'
              : error.message,
        }),
      );
      request.end(body);
    });
  };
}

export type SendWebhook = ReturnType<typeof createWebhookSender>;
