const origin = 'https://site.invalid';

/**
 * Where to go after signing in: a path of this site, or `/`. Compares the URL as browsers resolve it, because
 * resolving dot segments turns `/.//evil.example` into `//evil.example` (WHATWG URL, path state).
 */
export function returnPath(given: unknown): string {
  if (typeof given !== 'string' || given.length > 1000) return '/';
  if (!/^\/[\x21-\x5b\x5d-\x7e]*$/.test(given) || /%5c|%2f%2f|%0[ad]|%09/i.test(given)) return '/';
  const url = URL.parse(given, origin);
  if (!url || url.origin !== origin) return '/';
  const path = `${url.pathname}${url.search}`;
  const isLocal = !path.startsWith('//') && URL.parse(path, origin)?.origin === origin;
  return isLocal && !url.pathname.startsWith('/auth/') ? path : '/';
}

/**
 * A path as RelayState of a signed request. node-saml signs the query in one encoding and sends it in another: these
 * characters, which may be written either way in a URL, are the difference.
 */
export function relayStateOf(path: string): string {
  return path.replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
