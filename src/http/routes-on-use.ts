import type { RequestHandler } from 'express';

/** Routes that are loaded with the first request for a path of theirs, which they see whole. */
export function routesOnUse(path: RegExp, load: () => Promise<RequestHandler>): RequestHandler {
  let loading: Promise<RequestHandler> | undefined;
  return (request, response, next) => {
    if (!path.test(request.path)) return next();
    loading ??= load();
    loading.then((routes) => routes(request, response, next)).catch(next);
  };
}
