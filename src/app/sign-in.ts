import { type Express, Router } from 'express';
import type { Services } from '../compose.ts';
import { routesOnUse } from '../http/routes-on-use.ts';
import { refuseUnknownPath } from '../http/unknown-path.ts';

/** Signing in and out with SAML. Loaded on use: it is large and rarely needed. */
export function useSignIn(app: Express, services: Services) {
  app.use(routesOnUse(/^\/auth(\/|$)/i, () => loadRouter(services)));
}

async function loadRouter(services: Services): Promise<Router> {
  const { config, account, singleLogout, samlProviders, responseReceiver, signIns } = services;
  const { secureCookies } = config;
  const [{ signOutRoutes }, { signInRoutes }, { presentOwnMetadata }, samlStrategy] = await Promise.all([
    import('../auth/sign-out.routes.ts'),
    import('../auth/sign-in.routes.ts'),
    import('../auth/saml/sp-metadata.presenter.ts'),
    services.loadSamlStrategy(),
  ]);
  const spMetadata = () => presentOwnMetadata(config.saml);
  const router = Router();
  router.use(signOutRoutes({ account, singleLogout, secureCookies }));
  router.use(signInRoutes({ samlStrategy, samlProviders, responseReceiver, spMetadata, signIns }));
  // a message for the ACS by another method is never answered with a redirect to the provider
  router.use(refuseUnknownPath(router));
  return router;
}
