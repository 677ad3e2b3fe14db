import express, { type Express, Router } from 'express';
import { auditRoutes } from '../audit/audit.routes.ts';
import { accessRoutes } from '../auth/access.routes.ts';
import { accountRoutes } from '../auth/account.routes.ts';
import { requireSignIn } from '../auth/authenticate.ts';
import { peopleRoutes } from '../auth/people.routes.ts';
import { providerChangeRoutes } from '../auth/provider-change.routes.ts';
import { directoryRoutes } from '../auth/scim/directory.routes.ts';
import { serviceAccountRoutes } from '../auth/service-account.routes.ts';
import { leaveIdle } from '../auth/session.ts';
import { phoneLinkRoutes } from '../capture/phone-link.routes.ts';
import type { Services } from '../compose.ts';
import { webhookRoutes } from '../events/webhook.routes.ts';
import { exportRoutes } from '../exports/export.routes.ts';
import { refuseForged } from '../http/csrf.ts';
import { checkIds } from '../http/ids.ts';
import { importRoutes } from '../imports/import.routes.ts';
import { assignmentRoutes } from '../pages/assignment.routes.ts';
import { detectAgainRoutes } from '../pages/detect-again.routes.ts';
import { pageRoutes } from '../pages/page.routes.ts';
import { pageActionRoutes } from '../pages/page-actions.routes.ts';
import { leavingRoutes } from '../projects/leaving.routes.ts';
import { sharingRoutes } from '../projects/sharing.routes.ts';
import { reviewRoutes } from '../review/review.routes.ts';
import { reviewQueueRoutes } from '../review/review-queue.routes.ts';
import { ruleRoutes } from '../rules/rule.routes.ts';
import { searchRoutes } from '../search/search.routes.ts';
import { adminRoutes } from '../site/admin.routes.ts';
import { createProjectView, projectRoutes } from '../site/projects.routes.ts';
import { uploadRoutes } from '../uploads/upload.routes.ts';
import { limitCostlyCalls } from './costly-calls.ts';
import type { Shared } from './shared.ts';

/** The pages for people: forms in, HTML out. */
export function useSite(app: Express, services: Services, { rateLimits, sendBlob, formUploads }: Shared) {
  const { projects, pages, pageActions, projectViews, reviews, summaries, imports } = services;
  const { exports, search, phones, settings, sharing, leaving, providerChanges } = services;
  const { assignments, reviewQueue } = services;
  const { directoryTokens, directory, scim } = services;
  const { account, serviceAccounts, access, audit, nameFor, policies, noticeAllowance, config, now } =
    services;
  const limits = { ...config.uploads, directAboveBytes: config.direct.aboveBytes };
  const translateInto = config.pipeline.translation?.into ?? [];
  const view = createProjectView({
    projectViews,
    policies,
    noticeAllowance,
    limits,
    languages: config.languages,
    translateInto,
    now,
  });
  const router = Router();
  router.use(requireSignIn);
  router.get('/projects/:projectId/access', leaveIdle);
  router.post('/projects/:projectId/pages/:pageId/presence', leaveIdle);
  router.use('/admin/access', express.urlencoded({ extended: false, limit: '400kb' })); // a pasted SAML response
  // one field for each page of the project
  const manyPages = { extended: false, limit: '400kb', parameterLimit: 10_000 };
  router.use('/projects/:projectId/batch', express.urlencoded(manyPages), rateLimits.batches);
  router.use(express.urlencoded({ extended: false, limit: '100kb' }), refuseForged);
  router.use(limitCostlyCalls(rateLimits));
  router.post('/projects/:projectId/pages/:pageId/rotate', rateLimits.rotations);
  router.post('/projects/:projectId/pages/:pageId/detect-again', rateLimits.detections);
  router.post('/projects/:projectId/pages/:pageId/straighten', rateLimits.rotations);
  router.post('/projects/:projectId/phone-links', rateLimits.uploads);
  for (const routes of [
    projectRoutes({ projects, pageActions, summaries, policies, languages: config.languages, now, view }),
    sharingRoutes({ sharing }),
    leavingRoutes({ leaving }),
    webhookRoutes({ webhooks: services.webhooks, allowHttp: config.webhooks.allowPrivate, now }),
    ruleRoutes({ rules: services.rules, translateInto, allowHttp: config.webhooks.allowPrivate, now }),
    providerChangeRoutes({ changes: providerChanges, now }),
    uploadRoutes({ projects, pages, formUploads, view }),
    assignmentRoutes({ assignments }),
    pageActionRoutes({ projects, pageActions, assignments, view }),
    detectAgainRoutes({ projects, pages, pageActions, languages: config.languages }),
    pageRoutes({ pages, pageActions, sendBlob }),
    reviewQueueRoutes({ reviewQueue, policies, now }),
    reviewRoutes({ projects, pages, reviews, reviewQueue, policies, now }),
    importRoutes({ imports }),
    exportRoutes({ pages, exports, policies, sendBlob, translateInto, now }),
    phoneLinkRoutes({ phones, publicUrl: config.publicUrl, now }),
    searchRoutes({ search, policies }),
    adminRoutes({ settings, policies }),
    accessRoutes({ access, now }),
    auditRoutes({ audit, nameFor, now }),
    accountRoutes({ account, policies, secureCookies: config.secureCookies, now }),
    peopleRoutes({ account, now }),
    directoryRoutes({ directoryTokens, directory, scim, publicUrl: config.publicUrl, now }),
    serviceAccountRoutes({
      serviceAccounts,
      publicUrl: config.publicUrl,
      tokenUrl: config.aws.cognito?.tokenUrl,
      now,
    }),
  ]) {
    checkIds(routes);
    router.use(routes);
  }
  app.use(router);
}
