import type { Request } from 'express';

/**
 * The pattern of the route that answered, such as `/projects/:projectId`: bounded in number, and without what people and
 * links put into addresses. `undefined` where none matched.
 */
export function routeOf({ route, originalUrl }: Request): string | undefined {
  const pattern: unknown = route?.path;
  if (typeof pattern !== 'string') return undefined;
  // a route knows its pattern within its router
  const [, mount = ''] = /^(\/api\/v\d+)\//.exec(originalUrl) ?? [];
  return pattern.startsWith(mount) ? pattern : mount + pattern;
}

const classes: [RegExp, string][] = [
  [/^\/api\//i, 'api'],
  [/^\/auth\//i, 'sign-in'],
  [/^\/scim\//i, 'directory'],
  [/^\/phone(\/|$)/i, 'phone'],
  [/^\/assets\//i, 'asset'],
  [/^\/health\//i, 'health'],
];

/** What kind of route a path belongs to: few, so that they can be labels of a metric. */
export function classOf(path: string): string {
  return classes.find(([pattern]) => pattern.test(path))?.[1] ?? 'page';
}
