import type { Express } from 'express';
import type { Services } from '../compose.ts';
import { routesOnUse } from '../http/routes-on-use.ts';
import type { Shared } from './shared.ts';

/** What the company's directory sends. It has a token of its own, and no session. Loaded on use: few requests need it. */
export function useDirectory(app: Express, services: Services, { rateLimits }: Shared) {
  const { scim, directoryTokens, config } = services;
  const load = async () => {
    const { scimRoutes } = await import('../auth/scim/scim.routes.ts');
    return scimRoutes({
      scim,
      directoryTokens,
      publicUrl: config.publicUrl,
      limitRequests: rateLimits.directory,
    });
  };
  app.use('/scim/v2', routesOnUse(/^/, load));
}
