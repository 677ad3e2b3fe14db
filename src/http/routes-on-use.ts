import type { RequestHandler } from 'express';
import { loadOnce } from '../runtime/load-on-use.ts';

/**
 * Routes that are loaded with the first request for a path of theirs, which they see whole; or by `routes`, for whoever wants
 * to know which there are.
 */
export function routesOnUse(path: RegExp, load: () => Promise<RequestHandler>) {
  const routes = loadOnce(load);
  const handle: RequestHandler = (request, response, next) => {
    if (!path.test(request.path)) return next();
    routes()
      .then((loaded) => loaded(request, response, next))
      .catch(next);
  };
  return Object.assign(handle, { routes });
}
