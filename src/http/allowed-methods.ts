import type { Router } from 'express';

/** Express's internal record of a route or mounted router (the package `router`, Layer). */
interface Layer {
  /** `path` is the matched part of the path. Throws when the path cannot be decoded. */
  match(path: string): { path: string } | false;
  route?: { methods: Record<string, boolean> };
  handle?: { stack?: Layer[] };
}

/** The methods that a router's routes answer at this path, for `Allow` (RFC 9110 10.2.1): `['GET', 'HEAD']`. */
export function allowedMethods(router: Router, path: string): string[] {
  const methods = new Set(methodsIn(router.stack as unknown as Layer[], path));
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods].sort();
}

function methodsIn(stack: Layer[], path: string): string[] {
  return stack.flatMap((layer) => {
    const { route, handle } = layer;
    const match = (route || handle?.stack) && layer.match(path);
    if (!match) return [];
    if (route) return Object.keys(route.methods).map((method) => method.toUpperCase());
    return methodsIn(handle?.stack ?? [], path.slice(match.path.length) || '/');
  });
}
