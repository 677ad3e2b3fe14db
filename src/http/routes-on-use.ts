import type { RequestHandler } from 'express';

/**
 * Routes that are loaded with the first request for a path of theirs, which they see whole; or by `routes`, for whoever wants
 * to know which there are.
 */
export function routesOnUse(path: RegExp, load: () => Promise<RequestHandler>) {
  let loading: Promise<RequestHandler> | undefined;
  const routes = () => {
    loading ??= load();
    return loading;
  };
  const handle: RequestHandler = (request, response, next) => {
    if (!path.test(request.path)) return next();
    routes()
      .then((loaded) => loaded(request, response, next))
      .catch(next);
  };
  return Object.assign(handle, { routes });
}
