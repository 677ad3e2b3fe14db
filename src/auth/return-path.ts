/** Where to go after signing in: a path of this site. Anything that a browser could take elsewhere leads to `/`. */
export function returnPath(given: unknown): string {
  if (typeof given !== 'string' || given.length > 1000) return '/';
  if (!/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(given) || /%5c|%2f%2f|%0[ad]|%09/i.test(given)) return '/';
  const origin = 'https://site.invalid';
  const url = URL.parse(given, origin);
  if (!url || url.origin !== origin || url.pathname.startsWith('/auth/')) return '/';
  return `${url.pathname}${url.search}`;
}
