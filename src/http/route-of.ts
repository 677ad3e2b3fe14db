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
