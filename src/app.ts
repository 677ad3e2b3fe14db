// The application: middleware and routers in order, like a table of contents. Never listens, never reads the
// environment.
import path from 'node:path';
import express, { type Express } from 'express';
import { useApi, useApiDescription } from './app/api.ts';
import { useDirectory } from './app/directory.ts';
import { usePhones } from './app/phones.ts';
import { useSignIn } from './app/sign-in.ts';
import { useSite } from './app/site.ts';
import { authenticateByCookie, authenticateByToken } from './auth/authenticate.ts';
import { sessions } from './auth/session.ts';
import type { Services } from './compose.ts';
import { createAssets } from './http/assets.ts';
import { answerErrors } from './http/error-response.ts';
import { healthRoutes } from './http/health.routes.ts';
import { createRateLimits } from './http/rate-limit.ts';
import { logRequests, timePhase } from './http/request-log.ts';
import { refuseOtherMethods, setScheme } from './http/request-rules.ts';
import { noStore, securityHeaders } from './http/security-headers.ts';
import { createBlobSender } from './http/send-blob.ts';
import { refuseUnknownPath } from './http/unknown-path.ts';
import { personLocals, siteLocals, useViews } from './http/views.ts';
import { createFormUploads } from './uploads/form-uploads.ts';
import { createMultipartReceiver } from './uploads/multipart.ts';

const root = path.join(import.meta.dirname, '..');

export function createApp(services: Services): Express {
  const { config, logger, policies, uploads, files, presigner } = services;
  const assets = createAssets(path.join(root, 'public'));
  const shared = {
    rateLimits: createRateLimits(config.rateLimits, services.stores.sharedRates),
    sendBlob: createBlobSender({ presigner, aboveBytes: config.direct.aboveBytes }),
    formUploads: createFormUploads({
      uploads,
      multipart: createMultipartReceiver({ files, limits: config.uploads }),
    }),
  };

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag'); // what is not to be stored is not asked for again with a tag
  app.set('env', 'production'); // otherwise Express's final handler shows stacks
  app.set('trust proxy', config.trustedProxies);
  app.set('query parser', 'simple');
  useViews(app, path.join(root, 'views'));
  Object.assign(app.locals, siteLocals({ assets, supportContact: config.supportContact }));

  app.use(logRequests({ logger, tracer: services.tracer, metrics: services.metrics }));
  app.use(securityHeaders({ https: config.secureCookies, direct: config.direct }));
  app.use(setScheme(config.secureCookies), refuseOtherMethods);
  app.use(assets.router);
  app.use(healthRoutes({ checks: services.checks, logger }));
  app.use(noStore);

  useApiDescription(app, config);
  app.use(['/auth/login', '/auth/saml'], shared.rateLimits.signIns);
  usePhones(app, services, shared);
  useDirectory(app, services, shared);
  app.use('/api/v1', timePhase('session', authenticateByToken(services.tokens)));
  app.use(timePhase('session', sessions({ config, store: services.sessionStore })));
  app.use(authenticateByCookie);
  app.use(personLocals(policies, config.organisations));
  useApi(app, services, shared);
  useSignIn(app, services);
  useSite(app, services, shared);

  app.use(refuseUnknownPath());
  app.use(answerErrors);
  return app;
}
