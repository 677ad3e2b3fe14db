// Which addresses may be called for people who name them: none inside the machine or its network unless configuration allows it.
import { lookup } from 'node:dns';
import { BlockList, isIP } from 'node:net';

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
  ['fd00:ec2::', 32], // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
] as const)
  never.addSubnet(net, prefix, 'ipv6');
inside.addSubnet('fc00::', 7, 'ipv6');

/** Why this address is not called; `undefined` when it may be. */
export function refuseAddress(address: string, allowPrivate: boolean): string | undefined {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4';
  if (allowPrivate && (plain === '127.0.0.1' || plain === '::1')) return undefined;
  if (never.check(plain, family)) return `${plain} is not an address that Paperlift calls`;
  if (!allowPrivate && inside.check(plain, family)) return `${plain} is in a private network`;
  return undefined;
}

/** A lookup for sockets that resolves a name and fails when any of its addresses is refused: a name may change between two questions. */
export function createGuardedLookup(allowPrivate: boolean): typeof lookup {
  return ((name: string, options: object, done: (...given: unknown[]) => void) => {
    lookup(name, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error);
      const refused = addresses.map(({ address }) => refuseAddress(address, allowPrivate)).find(Boolean);
      if (refused) return done(new Error(refused));
      const [first] = addresses;
      if ((options as { all?: boolean }).all) return done(null, addresses);
      done(null, first?.address, first?.family);
    });
  }) as never;
}

/** Why a host that is an address is not called: sockets do not look it up. */
export function refuseLiteral(host: string, allowPrivate: boolean): string | undefined {
  const literal = host.replace(/^\[|\]$/g, '');
  return isIP(literal) ? refuseAddress(literal, allowPrivate) : undefined;
}
