import type { Express } from 'express';
import { phoneRoutes } from '../capture/phone.routes.ts';
import type { Services } from '../compose.ts';
import { checkIds } from '../http/ids.ts';
import type { Shared } from './shared.ts';

/** What a phone signed in by a link may do. It has no session, and these routes use none. */
export function usePhones(app: Express, services: Services, { rateLimits, formUploads }: Shared) {
  const { phones, presignedUploads, viewAllowance, config, now } = services;
  const routes = phoneRoutes({
    phones,
    formUploads,
    presignedUploads,
    viewAllowance,
    directAboveBytes: config.direct.aboveBytes,
    secureCookies: config.secureCookies,
    rateLimits,
    now,
  });
  checkIds(routes);
  app.use(routes);
}
