// Sends a webhook: one POST, signed after the Standard Webhooks specification (https://www.standardwebhooks.com). No redirect
// is followed, and no address inside the machine or its network is called unless configuration allows it.
import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP } from 'node:net';
import type { Outcome } from './listener.ts';

export interface SenderOptions {
  /** Whether receivers may be in private networks, as on a company's own servers. */
  allowPrivate: boolean;
  timeoutMs?: number;
}

/** Loopback, link-local (where clouds keep their credentials), multicast and unspecified: never called. */
const never = new BlockList();
/** A company's own networks. */
const inside = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 3],
] as const)
  never.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
] as const)
  inside.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of [
  ['::', 127],
  ['fe80::', 10],
  ['ff00::', 8],
  ['64:ff9b::', 96],
] as const)
  never.addSubnet(net, prefix, 'ipv6');
inside.addSubnet('fc00::', 7, 'ipv6');

/** `v1,` and the signature of id, time and body by the secret (`whsec_` and base64). */
function sign(secret: string, { id, at, body }: { id: string; at: Date; body: string }): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const seconds = Math.floor(at.getTime() / 1000);
  return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`;
}

/** Why this address is not called; `undefined` when it may be. */
export function refuseAddress(address: string, allowPrivate: boolean): string | undefined {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4';
  if (allowPrivate && (plain === '127.0.0.1' || plain === '::1')) return undefined;
  if (never.check(plain, family)) return `${plain} is not an address that Paperlift calls`;
  if (!allowPrivate && inside.check(plain, family)) return `${plain} is in a private network`;
  return undefined;
}

export function createWebhookSender({ allowPrivate, timeoutMs = 15_000 }: SenderOptions) {
  /** Resolves a name, and fails when any of its addresses is refused: a name may change between two questions. */
  const guarded: typeof lookup = ((name: string, options: object, done: (...given: unknown[]) => void) => {
    lookup(name, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error);
      const refused = addresses.map(({ address }) => refuseAddress(address, allowPrivate)).find(Boolean);
      if (refused) return done(new Error(refused));
      const [first] = addresses;
      if ((options as { all?: boolean }).all) return done(null, addresses);
      done(null, first?.address, first?.family);
    });
  }) as never;

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
      const literal = hostname.replace(/^\[|\]$/g, '');
      const refused = isIP(literal) ? refuseAddress(literal, allowPrivate) : undefined;
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
