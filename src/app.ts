// The application: middleware and routers in their order, like a table of contents. Never listens, never reads env.
import path from 'node:path';
import express, { type Express, Router } from 'express';
import { auditRoutes } from './audit/audit.routes.ts';
import { accessRoutes } from './auth/access.routes.ts';
import { accountRoutes } from './auth/account.routes.ts';
import {
  authenticateByCookie,
  authenticateByToken,
  requireApiSignIn,
  requireSignIn,
} from './auth/authenticate.ts';
import { sessions } from './auth/session.ts';
import { phoneRoutes } from './capture/phone.routes.ts';
import { phoneLinkRoutes } from './capture/phone-link.routes.ts';
import type { Services } from './compose.ts';
import { exportApiRoutes } from './exports/export.api.routes.ts';
import { exportRoutes } from './exports/export.routes.ts';
import { createAssets } from './http/assets.ts';
import { refuseForged } from './http/csrf.ts';
import { answerErrors, refuseUnknownPath } from './http/error-response.ts';
import { healthRoutes } from './http/health.routes.ts';
import { checkIds } from './http/ids.ts';
import { refuseQueries } from './http/query.ts';
import { createRateLimits, type RateLimiters } from './http/rate-limit.ts';
import { logRequests } from './http/request-log.ts';
import { refuseOtherMethods, setScheme } from './http/request-rules.ts';
import { routesOnUse } from './http/routes-on-use.ts';
import { noStore, securityHeaders } from './http/security-headers.ts';
import { createBlobSender } from './http/send-blob.ts';
import { personLocals, siteLocals, useViews } from './http/views.ts';
import { importApiRoutes } from './imports/import.api.routes.ts';
import { importRoutes } from './imports/import.routes.ts';
import { pageApiRoutes } from './pages/page.api.routes.ts';
import { pageRoutes } from './pages/page.routes.ts';
import { pageActionRoutes } from './pages/page-actions.routes.ts';
import { projectApiRoutes } from './projects/project.api.routes.ts';
import { reviewRoutes } from './review/review.routes.ts';
import { searchApiRoutes } from './search/search.api.routes.ts';
import { searchRoutes } from './search/search.routes.ts';
import { adminRoutes } from './site/admin.routes.ts';
import { createProjectView, projectRoutes } from './site/projects.routes.ts';
import { allowanceApiRoutes } from './uploads/allowance.api.routes.ts';
import { createMultipartReceiver } from './uploads/multipart.ts';
import { presignedUploadApiRoutes } from './uploads/presigned-upload.api.routes.ts';

const root = path.join(import.meta.dirname, '..');

export function createApp(services: Services): Express {
  const { config, logger, policies } = services;
  const assets = createAssets(path.join(root, 'public'));
  const rateLimits = createRateLimits(config.rateLimits);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag'); // what is not to be stored is not asked for again with a tag
  app.set('env', 'production'); // Express's own last resort shows stacks elsewhere
  Object.assign(app.locals, siteLocals({ assets, supportContact: config.supportContact }));
  app.set('trust proxy', config.trustedProxies);
  app.set('query parser', 'simple');
  useViews(app, path.join(root, 'views'));

  app.use(logRequests(logger));
  app.use(securityHeaders({ https: config.secureCookies, direct: config.direct }));
  app.use(setScheme(config.secureCookies), refuseOtherMethods);
  app.use(assets.router);
  app.use(healthRoutes({ checks: services.checks, logger }));
  app.use(noStore);

  app.get('/api/v1/openapi.json', async (_request, response) => {
    const { openApiDocument } = await import('./openapi.ts');
    response.json(openApiDocument(config));
  });
  app.use(['/auth/login', '/auth/saml'], rateLimits.signIns);
  app.use(phones(services, rateLimits));
  app.use('/api/v1', authenticateByToken(services.tokens));
  app.use(sessions({ config, store: services.sessionStore }));
  app.use(authenticateByCookie);
  app.use(personLocals(policies));
  app.use('/api/v1', apiRouter(services, rateLimits));
  app.use(routesOnUse(/^\/auth(\/|$)/i, () => authRouter(services)));
  app.use(siteRouter(services, rateLimits));

  app.use(refuseUnknownPath());
  app.use(answerErrors);
  return app;
}

/** Signing in and out: SAML, which is much to load and seldom asked for. */
async function authRouter(services: Services): Promise<Router> {
  const { config, account, singleLogout, samlProviders, responseReceiver, signIns } = services;
  const { secureCookies } = config;
  const [{ signOutRoutes }, { signInRoutes }, { presentOwnMetadata }, samlStrategy] = await Promise.all([
    import('./auth/sign-out.routes.ts'),
    import('./auth/sign-in.routes.ts'),
    import('./auth/saml/sp-metadata.presenter.ts'),
    services.loadSamlStrategy(),
  ]);
  const spMetadata = () => presentOwnMetadata(config.saml);
  const router = Router();
  router.use(signOutRoutes({ account, singleLogout, secureCookies }));
  router.use(signInRoutes({ samlStrategy, samlProviders, responseReceiver, spMetadata, signIns }));
  // a message for the ACS that comes another way is never answered with a redirect to the provider
  router.use(refuseUnknownPath(router));
  return router;
}

/** What a phone may do that was signed in by a link: it has no session, and these routes know none. */
function phones(services: Services, rateLimits: RateLimiters): Router {
  const { phones, uploads, presignedUploads, config } = services;
  const routes = phoneRoutes({
    phones,
    uploads,
    presignedUploads,
    allowance: services.allowance,
    multipart: createMultipartReceiver({ uploads, limits: config.uploads }),
    directAboveBytes: config.direct.aboveBytes,
    secureCookies: config.secureCookies,
    rateLimits,
    now: services.now,
  });
  checkIds(routes);
  return routes;
}

/** The API: JSON in, JSON or problem+json out. */
function apiRouter(services: Services, rateLimits: RateLimiters): Router {
  const { projects, pages, pageActions, summaries, imports, uploads, presignedUploads, exports, config } =
    services;
  const sendBlob = createBlobSender({ presigner: services.presigner, aboveBytes: config.direct.aboveBytes });
  const multipart = createMultipartReceiver({ uploads, limits: config.uploads });
  const router = Router();
  router.use(requireApiSignIn, express.json({ limit: '1mb', strict: true }), refuseForged);
  router.use(
    refuseQueries({
      except: /^\/(?:search|projects(?:\/[^/]+\/(?:exports|pages\/[^/]+\/(?:image|thumbnail)))?)\/?$/i,
    }),
  );
  router.use(limitCostlyCalls(rateLimits));
  router.put('/projects/:projectId/pages/:pageId/image', rateLimits.uploads);
  router.post('/projects/:projectId/uploads', rateLimits.uploads);
  router.patch('/projects/:projectId/pages/:pageId', rateLimits.changes);
  for (const routes of [
    projectApiRoutes({ projects, summarize: summaries.summarize }),
    pageApiRoutes({ pages, pageActions, uploads, multipart, sendBlob }),
    allowanceApiRoutes({ allowance: services.allowance }),
    importApiRoutes({ imports }),
    presignedUploadApiRoutes({ presignedUploads, pages }),
    exportApiRoutes({ exports, sendBlob }),
    searchApiRoutes({ search: services.search }),
  ]) {
    checkIds(routes);
    router.use(routes);
  }
  router.use(refuseUnknownPath());
  return router;
}

/** The pages for people: forms in, HTML out. */
function siteRouter(services: Services, rateLimits: RateLimiters): Router {
  const { projects, pages, pageActions, summaries, imports, uploads, exports } = services;
  const { account, policies, config, now } = services;
  const limits = { ...config.uploads, directAboveBytes: config.direct.aboveBytes };
  const sendBlob = createBlobSender({ presigner: services.presigner, aboveBytes: config.direct.aboveBytes });
  const multipart = createMultipartReceiver({ uploads, limits });
  const view = createProjectView({
    projects,
    pages,
    pageActions,
    summaries,
    imports,
    exports,
    policies,
    allowance: services.allowance,
    limits,
    now,
  });
  const router = Router();
  router.use(requireSignIn);
  router.use('/admin/access', express.urlencoded({ extended: false, limit: '400kb' })); // a pasted SAML response
  // a field for each page of the project
  const manyPages = { extended: false, limit: '400kb', parameterLimit: 10_000 };
  router.use('/projects/:projectId/batch', express.urlencoded(manyPages), rateLimits.batches);
  router.use(express.urlencoded({ extended: false, limit: '100kb' }), refuseForged);
  router.use(limitCostlyCalls(rateLimits));
  router.post('/projects/:projectId/pages/:pageId/rotate', rateLimits.turns);
  router.post('/projects/:projectId/phone-links', rateLimits.uploads);
  for (const routes of [
    projectRoutes({ projects, summaries, policies, now, view }),
    pageActionRoutes({ projects, pages, pageActions, uploads, multipart, view }),
    pageRoutes({ pages, uploads, multipart, sendBlob, view }),
    reviewRoutes({ projects, pages, policies, now }),
    importRoutes({ imports }),
    exportRoutes({ projects, pages, exports, policies, sendBlob, now }),
    phoneLinkRoutes({ phones: services.phones, publicUrl: config.publicUrl, now }),
    searchRoutes({ search: services.search, policies }),
    adminRoutes({ config, policies }),
    accessRoutes({ access: services.access, now }),
    auditRoutes({ audit: services.audit, nameFor: services.nameFor, now }),
    accountRoutes({ account, policies, secureCookies: config.secureCookies, now }),
  ]) {
    checkIds(routes);
    router.use(routes);
  }
  return router;
}

/** What pages and API have in common of it; whoever asks too often is told before anything is looked up or read. */
function limitCostlyCalls({ searches, uploads, detections, exports }: RateLimiters): Router {
  const router = Router();
  router.get('/search', searches);
  router.post('/projects/:projectId/pages', uploads);
  router.post('/projects/:projectId/pages/:pageId/retry', detections);
  router.post('/projects/:projectId/imports/:importId/retry', detections);
  router.post('/projects/:projectId/exports', exports);
  return router;
}
