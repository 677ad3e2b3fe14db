import type { RequestHandler } from 'express';
import { loadOnce } from '../runtime/load-on-use.ts';

/**
 * Routes that are loaded at the first request that matches `path`. The matching routers see the whole path. `routes`
 * lists them.
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
