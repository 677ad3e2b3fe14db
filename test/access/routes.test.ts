// Who gets what: every route of the app, tried by everybody against what is Alice's. A route without a row fails here.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Express } from 'express';
import request from 'supertest';
import { queryAll } from '../../src/aws/query-all.ts';
import type { ProjectMember } from '../../src/projects/project.ts';
import { textJpeg } from '../support/images.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { accessTokenOf } from '../support/pool-token.ts';
import { addPrivateProject, copyPrivateProject, type PrivateProject } from '../support/private-project.ts';
import { buildMember } from '../support/projects.ts';
import { programOf } from '../support/service-accounts.ts';
import { browserOf, buildPerson } from '../support/session-of.ts';

/**
 * A cell is the status, or the code of a refusal (`refusals` below says with which status), or `sign-in`: led to the
 * sign-in and back. `forged` is the same request with a person's cookie, but without the CSRF token or with another
 * person's; `token` is the same with the person's bearer token instead of a cookie and a CSRF token.
 * Alice owns what is asked for; Bob is a user like her, Erin an auditor, Carol an administrator.
 */
const table = `
route                                                      | nobody        | bob                  | alice                | erin                 | carol | forged  | token | needs
-- for everybody
GET    /health/live                                        | 200           | 200                  | 200                  | 200                  | 200   | same    | same | -
GET    /health/ready                                       | 200           | 200                  | 200                  | 200                  | 200   | same    | same | -
GET    /assets/*name                                       | 200           | 200                  | 200                  | 200                  | 200   | same    | same | -
GET    /api/v1/openapi.json                                | 200           | 200                  | 200                  | 200                  | 200   | same    | same | -
GET    /auth/login                                         | 302           | 302                  | 302                  | 302                  | 302   | same    | same | -
GET    /auth/saml/metadata                                 | 200           | 200                  | 200                  | 200                  | 200   | same    | same | -
GET    /auth/signed-out                                    | 200           | 200                  | 200                  | 200                  | 200   | same    | same | -
POST   /auth/logout                                        | 303           | 303                  | 303                  | 303                  | 303   | refused | nobody | -
POST   /auth/logout-everywhere                             | not-signed-in | 303                  | 303                  | 303                  | 303   | refused | nobody | -
-- what the identity provider has a browser post: signed by the provider, and bound to the browser, instead of a CSRF token
POST   /auth/saml/acs                                      | 400           | 400                  | 400                  | 400                  | 400   | same    | same | -
POST   /auth/saml/slo                                      | 403           | 403                  | 403                  | 403                  | 403   | same    | same | -
-- what a phone does that was signed in by a link; nobody here is one
GET    /phone                                              | 200           | 200                  | 200                  | 200                  | 200   | same    | same | -
POST   /api/phone/sign-in                                  | phone-link-over | phone-link-over    | phone-link-over      | phone-link-over      | phone-link-over | same | same | -
GET    /api/phone                                          | phone-signed-out | phone-signed-out  | phone-signed-out     | phone-signed-out     | phone-signed-out | same | same | -
POST   /api/phone/pages                                    | phone-signed-out | phone-signed-out  | phone-signed-out     | phone-signed-out     | phone-signed-out | same | same | -
POST   /api/phone/uploads                                  | phone-signed-out | phone-signed-out  | phone-signed-out     | phone-signed-out     | phone-signed-out | same | same | -
POST   /api/phone/uploads/:uploadId/complete               | phone-signed-out | phone-signed-out  | phone-signed-out     | phone-signed-out     | phone-signed-out | same | same | -
POST   /api/phone/sign-out                                 | phone-signed-out | phone-signed-out  | phone-signed-out     | phone-signed-out     | phone-signed-out | same | same | -
-- pages
GET    /                                                   | sign-in       | 200                  | 200                  | 200                  | 200   | same    | nobody | -
GET    /search                                             | sign-in       | 200                  | 200                  | 200                  | 200   | same    | nobody | -
GET    /review                                             | sign-in       | 200                  | 200                  | 200                  | 200   | same    | nobody | -
POST   /review/start                                       | not-signed-in | 303 nothing          | 303 nothing          | 303 nothing          | 303 nothing | refused | nobody | -
POST   /projects                                           | not-signed-in | 303                  | 303                  | may-not-create       | 303   | refused | nobody | -
GET    /projects/:projectId                                | sign-in       | project-not-found    | 200                  | 200                  | 200   | same    | nobody | view
GET    /projects/:projectId/status                         | sign-in       | project-not-found    | 200                  | 200                  | 200   | same    | nobody | view
GET    /projects/:projectId/access                         | sign-in       | project-not-found    | 204                  | 204                  | 204   | same    | nobody | view
POST   /projects/:projectId/assignee                       | not-signed-in | project-not-found    | 303                  | read-only            | 303   | refused | nobody | edit
POST   /projects/:projectId/rename                         | not-signed-in | project-not-found    | 303                  | read-only            | 303   | refused | nobody | edit
POST   /projects/:projectId/languages                      | not-signed-in | project-not-found    | 303                  | read-only            | 303   | refused | nobody | edit
POST   /projects/:projectId/delete                         | not-signed-in | 303 nothing          | 303                  | read-only            | 303   | refused | nobody | manage
GET    /projects/:projectId/members                        | sign-in | project-not-found | 200 | 200 | 200 | same | nobody | view
POST   /projects/:projectId/members                        | not-signed-in | project-not-found | 303 | read-only | 303 | refused | nobody | manage
POST   /projects/:projectId/members/:memberId              | not-signed-in | project-not-found | 303 | read-only | 303 | refused | nobody | manage
POST   /projects/:projectId/members/:memberId/remove       | not-signed-in | project-not-found | 303 | read-only | 303 | refused | nobody | manage
POST   /projects/:projectId/owner                          | not-signed-in | project-not-found | 303 | read-only | 303 | refused | nobody | manage
POST   /projects/:projectId/pages                          | not-signed-in | project-not-found    | 303                  | read-only            | 303   | refused | nobody | edit
POST   /projects/:projectId/phone-links                    | not-signed-in | project-not-found    | 200                  | read-only            | 200   | refused | nobody | edit
GET    /projects/:projectId/phone-links/:linkId            | sign-in       | project-not-found    | phone-link-not-found | read-only            | phone-link-not-found | same | nobody | edit
GET    /projects/:projectId/pages/:pageId                  | sign-in       | project-not-found    | 200                  | 200                  | 200   | same    | nobody | view
POST   /projects/:projectId/pages/:pageId/retry            | not-signed-in | project-not-found    | 303                  | read-only            | 303   | refused | nobody | edit
GET    /projects/:projectId/pages/:pageId/detect-again     | sign-in       | project-not-found    | 200                  | read-only            | 200   | same    | nobody | edit
POST   /projects/:projectId/pages/:pageId/detect-again     | not-signed-in | project-not-found    | 303                  | read-only            | 303   | refused | nobody | edit
POST   /projects/:projectId/pages/:pageId/review           | not-signed-in | project-not-found    | 303                  | read-only            | 303   | refused | nobody | review
POST   /projects/:projectId/pages/:pageId/assignee         | not-signed-in | project-not-found    | 303                  | read-only            | 303   | refused | nobody | edit
POST   /projects/:projectId/pages/:pageId/claim            | not-signed-in | project-not-found    | 303 nothing          | read-only            | 303 nothing | refused | nobody | review
POST   /projects/:projectId/pages/:pageId/release          | not-signed-in | project-not-found    | 303 nothing          | read-only            | 303 nothing | refused | nobody | review
POST   /projects/:projectId/pages/:pageId/presence         | not-signed-in | project-not-found    | 200 nothing          | 200 nothing          | 200 nothing | refused | nobody | view
POST   /projects/:projectId/pages/:pageId/rotate           | not-signed-in | project-not-found    | 303                  | read-only            | 303   | refused | nobody | edit
POST   /projects/:projectId/pages/:pageId/straighten       | not-signed-in | project-not-found    | 303                  | read-only            | 303   | refused | nobody | edit
POST   /projects/:projectId/pages/:pageId/delete           | not-signed-in | project-not-found    | 303                  | read-only            | 303   | refused | nobody | edit
POST   /projects/:projectId/batch                          | not-signed-in | project-not-found    | 303                  | read-only            | 303   | refused | nobody | edit
POST   /projects/:projectId/undo                           | not-signed-in | project-not-found    | 303 nothing          | read-only            | 303 nothing | refused | nobody | edit
GET    /projects/:projectId/pages/:pageId/replace          | sign-in       | project-not-found    | 200                  | read-only            | 200   | same    | nobody | edit
POST   /projects/:projectId/pages/:pageId/image            | not-signed-in | project-not-found    | 303                  | read-only            | 303   | refused | nobody | edit
GET    /projects/:projectId/pages/:pageId/image            | sign-in       | project-not-found    | 200                  | 200                  | 200   | same    | nobody | view
GET    /projects/:projectId/pages/:pageId/thumbnail        | sign-in       | project-not-found    | 200                  | 200                  | 200   | same    | nobody | view
POST   /projects/:projectId/imports/:importId/retry        | not-signed-in | project-not-found    | 303                  | read-only            | 303   | refused | nobody | edit
POST   /projects/:projectId/imports/:importId/remove       | not-signed-in | project-not-found    | 303                  | read-only            | 303   | refused | nobody | edit
GET    /projects/:projectId/exports                        | sign-in       | project-not-found    | 200                  | 200                  | 200   | same    | nobody | view
GET    /projects/:projectId/pages/:pageId/text             | sign-in       | project-not-found    | 200                  | 200                  | 200   | same    | nobody | view
POST   /projects/:projectId/exports                        | not-signed-in | project-not-found    | 303                  | read-only            | 303   | refused | nobody | edit
POST   /projects/:projectId/exports/:exportId/delete       | not-signed-in | project-not-found    | 303                  | read-only            | 303   | refused | nobody | edit
GET    /projects/:projectId/exports/:exportId/file         | sign-in       | project-not-found    | 200                  | 200                  | 200   | same    | nobody | view
GET    /admin                                              | sign-in       | not-an-administrator | not-an-administrator | not-an-administrator | 200   | same    | nobody | -
GET    /admin/people                                       | sign-in       | not-an-administrator | not-an-administrator | not-an-administrator | 200   | same    | nobody | -
GET    /admin/access                                       | sign-in       | not-an-administrator | not-an-administrator | not-an-administrator | 200   | same    | nobody | -
POST   /admin/access                                       | not-signed-in | not-an-administrator | not-an-administrator | not-an-administrator | 200   | refused | nobody | -
GET    /admin/audit                                        | sign-in       | may-not-read-trails  | may-not-read-trails  | 200                  | 200   | same    | nobody | -
GET    /admin/audit?project=:projectId                     | sign-in       | may-not-read-trails  | may-not-read-trails  | 200                  | 200   | same    | nobody | -
GET    /admin/audit?person=:personId&check=yes             | sign-in       | may-not-read-trails  | may-not-read-trails  | 200                  | 200   | same    | nobody | -
GET    /admin/audit.csv                                    | sign-in       | may-not-read-trails  | may-not-read-trails  | trail-not-found      | trail-not-found | same | nobody | -
GET    /account                                            | sign-in       | 200                  | 200                  | 200                  | 200   | same    | nobody | -
POST   /account/sessions/:handle/end                       | not-signed-in | session-not-found    | 303                  | session-not-found    | session-not-found | refused | nobody | -
POST   /admin/people/:personId/logout-everywhere           | not-signed-in | not-an-administrator | not-an-administrator | not-an-administrator | 303   | refused | nobody | -
POST   /admin/people/:personId/disable                     | not-signed-in | not-an-administrator | not-an-administrator | not-an-administrator | 303   | refused | nobody | -
POST   /admin/people/:personId/enable                      | not-signed-in | not-an-administrator | not-an-administrator | not-an-administrator | 303   | refused | nobody | -
GET    /admin/people/:personId/hand-over                   | sign-in       | not-an-administrator | not-an-administrator | not-an-administrator | 200   | same    | nobody | -
POST   /admin/people/:personId/hand-over                   | not-signed-in | not-an-administrator | not-an-administrator | not-an-administrator | same-person | refused | nobody | -
GET    /admin/service-accounts                             | sign-in       | not-an-administrator | not-an-administrator | not-an-administrator | 200   | same    | nobody | -
POST   /admin/service-accounts                             | not-signed-in | not-an-administrator | not-an-administrator | not-an-administrator | 400   | refused | nobody | -
POST   /admin/service-accounts/:accountId/revoke           | not-signed-in | not-an-administrator | not-an-administrator | not-an-administrator | service-account-not-found | refused | nobody | -
GET    /admin/provider-change                              | sign-in       | not-an-administrator | not-an-administrator | not-an-administrator | 200   | same    | nobody | -
POST   /admin/provider-change                              | not-signed-in | not-an-administrator | not-an-administrator | not-an-administrator | 303   | refused | nobody | -
POST   /admin/provider-change/end                          | not-signed-in | not-an-administrator | not-an-administrator | not-an-administrator | 303   | refused | nobody | -
GET    /admin/webhooks                                     | sign-in       | not-an-administrator | not-an-administrator | not-an-administrator | 200 | same    | nobody | -
POST   /admin/webhooks                                     | not-signed-in | not-an-administrator | not-an-administrator | not-an-administrator | 200 | refused | nobody | -
GET    /admin/webhooks/:webhookId                          | sign-in       | not-an-administrator | not-an-administrator | not-an-administrator | webhook-not-found | same    | nobody | -
POST   /admin/webhooks/:webhookId/send-again               | not-signed-in | not-an-administrator | not-an-administrator | not-an-administrator | webhook-not-found | refused | nobody | -
POST   /admin/webhooks/:webhookId/test                     | not-signed-in | not-an-administrator | not-an-administrator | not-an-administrator | webhook-not-found | refused | nobody | -
POST   /admin/webhooks/:webhookId/pause                    | not-signed-in | not-an-administrator | not-an-administrator | not-an-administrator | webhook-not-found | refused | nobody | -
POST   /admin/webhooks/:webhookId/resume                   | not-signed-in | not-an-administrator | not-an-administrator | not-an-administrator | webhook-not-found | refused | nobody | -
POST   /admin/webhooks/:webhookId/delete                   | not-signed-in | not-an-administrator | not-an-administrator | not-an-administrator | webhook-not-found | refused | nobody | -
GET    /admin/rules                                        | sign-in       | not-an-administrator | not-an-administrator | not-an-administrator | 200 | same    | nobody | -
GET    /admin/rules/new                                    | sign-in       | not-an-administrator | not-an-administrator | not-an-administrator | 200 | same    | nobody | -
POST   /admin/rules                                        | not-signed-in | not-an-administrator | not-an-administrator | not-an-administrator | 303 | refused | nobody | -
GET    /admin/rules/:ruleId                                | sign-in       | not-an-administrator | not-an-administrator | not-an-administrator | rule-not-found | same    | nobody | -
POST   /admin/rules/:ruleId/send-again                     | not-signed-in | not-an-administrator | not-an-administrator | not-an-administrator | rule-not-found | refused | nobody | -
POST   /admin/rules/:ruleId/test                           | not-signed-in | not-an-administrator | not-an-administrator | not-an-administrator | rule-not-found | refused | nobody | -
POST   /admin/rules/:ruleId/pause                          | not-signed-in | not-an-administrator | not-an-administrator | not-an-administrator | rule-not-found | refused | nobody | -
POST   /admin/rules/:ruleId/resume                         | not-signed-in | not-an-administrator | not-an-administrator | not-an-administrator | rule-not-found | refused | nobody | -
POST   /admin/rules/:ruleId/delete                         | not-signed-in | not-an-administrator | not-an-administrator | not-an-administrator | rule-not-found | refused | nobody | -
GET    /admin/directory                                    | sign-in       | not-an-administrator | not-an-administrator | not-an-administrator | 200   | same    | nobody | -
POST   /admin/directory/token                              | not-signed-in | not-an-administrator | not-an-administrator | not-an-administrator | 200   | refused | nobody | -
POST   /admin/directory/revoke                             | not-signed-in | not-an-administrator | not-an-administrator | not-an-administrator | 303   | refused | nobody | -
-- what the company's directory sends, with a token of its own
GET    /scim/v2/ServiceProviderConfig                      | 401 | 401 | 401 | 401 | 401 | same | same | -
GET    /scim/v2/ResourceTypes                              | 401 | 401 | 401 | 401 | 401 | same | same | -
GET    /scim/v2/ResourceTypes/:name                        | 401 | 401 | 401 | 401 | 401 | same | same | -
GET    /scim/v2/Schemas                                    | 401 | 401 | 401 | 401 | 401 | same | same | -
GET    /scim/v2/Schemas/:name                              | 401 | 401 | 401 | 401 | 401 | same | same | -
GET    /scim/v2/Users                                      | 401 | 401 | 401 | 401 | 401 | same | same | -
POST   /scim/v2/Users                                      | 401 | 401 | 401 | 401 | 401 | same | same | -
GET    /scim/v2/Users/:id                                  | 401 | 401 | 401 | 401 | 401 | same | same | -
PUT    /scim/v2/Users/:id                                  | 401 | 401 | 401 | 401 | 401 | same | same | -
PATCH  /scim/v2/Users/:id                                  | 401 | 401 | 401 | 401 | 401 | same | same | -
DELETE /scim/v2/Users/:id                                  | 401 | 401 | 401 | 401 | 401 | same | same | -
GET    /scim/v2/Groups                                     | 401 | 401 | 401 | 401 | 401 | same | same | -
POST   /scim/v2/Groups                                     | 401 | 401 | 401 | 401 | 401 | same | same | -
GET    /scim/v2/Groups/:id                                 | 401 | 401 | 401 | 401 | 401 | same | same | -
PUT    /scim/v2/Groups/:id                                 | 401 | 401 | 401 | 401 | 401 | same | same | -
PATCH  /scim/v2/Groups/:id                                 | 401 | 401 | 401 | 401 | 401 | same | same | -
DELETE /scim/v2/Groups/:id                                 | 401 | 401 | 401 | 401 | 401 | same | same | -
-- the API
POST   /api/v1/projects                                    | not-signed-in | 201                  | 201                  | may-not-create       | 201   | refused | same | -
GET    /api/v1/projects                                    | not-signed-in | 200                  | 200                  | 200                  | 200   | same    | same | -
GET    /api/v1/page-allowance                              | not-signed-in | 200                  | 200                  | 200                  | 200   | same    | same | -
GET    /api/v1/search                                      | not-signed-in | 200                  | 200                  | 200                  | 200   | same    | same | -
GET    /api/v1/review-queue                                | not-signed-in | 200                  | 200                  | 200                  | 200   | same    | same | -
GET    /api/v1/projects?scope=all                          | not-signed-in | may-not-list-all     | may-not-list-all     | 200                  | 200   | same    | same | -
GET    /api/v1/projects/:projectId                         | not-signed-in | project-not-found    | 200                  | 200                  | 200   | same    | same | view
PATCH  /api/v1/projects/:projectId                         | not-signed-in | project-not-found    | 200                  | read-only            | 200   | refused | same | edit
DELETE /api/v1/projects/:projectId                         | not-signed-in | project-not-found    | 204                  | read-only            | 204   | refused | same | manage
GET    /api/v1/projects/:projectId/members                 | not-signed-in | project-not-found | 200 | 200 | 200 | same | same | view
PUT    /api/v1/projects/:projectId/members/:memberId       | not-signed-in | project-not-found | 200 | read-only | 200 | refused | same | manage
DELETE /api/v1/projects/:projectId/members/:memberId       | not-signed-in | project-not-found | 204 | read-only | 204 | refused | same | manage
GET    /api/v1/projects/:projectId/grantees                | not-signed-in | project-not-found | 200 | read-only | 200 | same | same | manage
PUT    /api/v1/projects/:projectId/owner                   | not-signed-in | project-not-found | 200 | read-only | 200 | refused | same | manage
GET    /api/v1/projects/:projectId/pages                   | not-signed-in | project-not-found    | 200                  | 200                  | 200   | same    | same | view
POST   /api/v1/projects/:projectId/pages                   | not-signed-in | project-not-found    | 201                  | read-only            | 201   | refused | same | edit
GET    /api/v1/projects/:projectId/pages/:pageId           | not-signed-in | project-not-found    | 200                  | 200                  | 200   | same    | same | view
PATCH  /api/v1/projects/:projectId/pages/:pageId           | not-signed-in | project-not-found    | 200                  | read-only            | 200   | refused | same | edit
DELETE /api/v1/projects/:projectId/pages/:pageId           | not-signed-in | project-not-found    | 204                  | read-only            | 204   | refused | same | edit
PUT    /api/v1/projects/:projectId/pages/:pageId/image     | not-signed-in | project-not-found    | 200                  | read-only            | 200   | refused | same | edit
GET    /api/v1/projects/:projectId/pages/:pageId/image     | not-signed-in | project-not-found    | 200                  | 200                  | 200   | same    | same | view
GET    /api/v1/projects/:projectId/pages/:pageId/thumbnail | not-signed-in | project-not-found    | 200                  | 200                  | 200   | same    | same | view
POST   /api/v1/projects/:projectId/pages/:pageId/restore   | not-signed-in | project-not-found    | page-not-found       | read-only            | page-not-found | refused | same | edit
POST   /api/v1/projects/:projectId/pages/:pageId/retry     | not-signed-in | project-not-found    | 202                  | read-only            | 202   | refused | same | edit
POST   /api/v1/projects/:projectId/uploads                 | not-signed-in | project-not-found    | 201                  | read-only            | 201   | refused | same | edit
POST   /api/v1/projects/:projectId/uploads/:uploadId/complete | not-signed-in | project-not-found | upload-missing       | read-only            | upload-not-found | refused | same | edit
GET    /api/v1/projects/:projectId/imports                 | not-signed-in | project-not-found    | 200                  | 200                  | 200   | same    | same | view
GET    /api/v1/projects/:projectId/imports/:importId       | not-signed-in | project-not-found    | 200                  | 200                  | 200   | same    | same | view
DELETE /api/v1/projects/:projectId/imports/:importId       | not-signed-in | project-not-found    | 204                  | read-only            | 204   | refused | same | edit
POST   /api/v1/projects/:projectId/imports/:importId/retry | not-signed-in | project-not-found    | 202                  | read-only            | 202   | refused | same | edit
POST   /api/v1/projects/:projectId/exports                 | not-signed-in | project-not-found    | 202                  | read-only            | 202   | refused | same | edit
GET    /api/v1/projects/:projectId/exports                 | not-signed-in | project-not-found    | 200                  | 200                  | 200   | same    | same | view
GET    /api/v1/projects/:projectId/exports/:exportId       | not-signed-in | project-not-found    | 200                  | 200                  | 200   | same    | same | view
DELETE /api/v1/projects/:projectId/exports/:exportId       | not-signed-in | project-not-found    | 204                  | read-only            | 204   | refused | same | edit
GET    /api/v1/projects/:projectId/exports/:exportId/file  | not-signed-in | project-not-found    | 200                  | 200                  | 200   | same    | same | view
`;

const never = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

/** What a route is sent: JSON to the API, a form to a page, and `file` for an image in a multipart form. */
const bodies: Record<string, Record<string, unknown> | 'file'> = {
  'POST /admin/access': { pasted: 'CN=Somebody' },
  'POST /api/phone/sign-in': { token: 'no link' },
  'POST /projects': { name: 'Another' },
  'POST /projects/:projectId/assignee': { assigneeId: ':personId' },
  'POST /projects/:projectId/pages/:pageId/assignee': { assigneeId: ':personId' },
  'POST /projects/:projectId/rename': { name: 'Renamed' },
  'POST /projects/:projectId/pages': 'file',
  'POST /projects/:projectId/pages/:pageId/review': { revision: '1', do: 'keep' },
  'POST /projects/:projectId/pages/:pageId/straighten': { revision: '1', straightened: 'false' },
  'POST /projects/:projectId/pages/:pageId/rotate': { revision: '1', rotation: '90' },
  'POST /projects/:projectId/batch': { do: 'delete', page: ':pageId' },
  'POST /projects/:projectId/undo': { deletion: never },
  'POST /projects/:projectId/pages/:pageId/image': 'file',
  'POST /projects/:projectId/exports': { format: 'txt' },
  'POST /admin/rules': { to: 'none', name: 'Any', format: 'txt' },
  'POST /admin/rules/:ruleId/send-again': { projectId: never, number: 1 },
  'POST /admin/webhooks': { url: 'https://example.com/hook' },
  'POST /admin/webhooks/:webhookId/send-again': { projectId: never, number: 1 },
  'POST /admin/provider-change': { from: 'urn:former', to: 'default' },
  'POST /admin/provider-change/end': { to: 'default' },
  'POST /admin/people/:personId/hand-over': { toId: ':personId' },
  'POST /projects/:projectId/members': { id: ':strangerId', role: 'viewer' },
  'POST /projects/:projectId/members/:memberId': { role: 'editor' },
  'POST /projects/:projectId/owner': { id: ':memberId' },
  'PUT /api/v1/projects/:projectId/members/:memberId': { role: 'editor' },
  'PUT /api/v1/projects/:projectId/owner': { id: ':memberId' },
  'POST /api/v1/projects': { name: 'Another' },
  'PATCH /api/v1/projects/:projectId': { name: 'Renamed' },
  'POST /api/v1/projects/:projectId/pages': 'file',
  'PATCH /api/v1/projects/:projectId/pages/:pageId': { number: 1 },
  'PUT /api/v1/projects/:projectId/pages/:pageId/image': 'file',
  'POST /api/v1/projects/:projectId/uploads': { fileName: 'a.jpg', contentType: 'image/jpeg', size: 9 },
  'POST /api/v1/projects/:projectId/exports': { format: 'txt' },
};

/** Routes that end sessions, of one's own or of Alice: whoever tries them signs in anew before each try. */
const endSessions = new Set([
  'POST /auth/logout',
  'POST /auth/logout-everywhere',
  'POST /account/sessions/:handle/end',
  'POST /admin/people/:personId/logout-everywhere',
  'POST /admin/people/:personId/disable',
]);

/** Where something other than a router is mounted; it answers nothing but refusals. */
const guardedPaths = ['/admin/access', '/api/v1', '/auth/login', '/auth/saml', '/projects/:projectId/batch'];

const refusals: Record<string, number> = {
  'phone-link-over': 401,
  'phone-link-not-found': 404,
  'phone-signed-out': 401,
  'not-signed-in': 401,
  'token-invalid': 401,
  'csrf-token-missing': 403,
  'may-not-create': 403,
  'may-not-list-all': 403,
  'may-not-read-trails': 403,
  'no-access': 403,
  'not-an-administrator': 403,
  'owner-only': 403,
  'same-person': 409,
  'read-only': 403,
  'export-not-found': 404,
  'page-not-found': 404,
  'project-not-found': 404,
  'service-account-not-found': 404,
  'session-not-found': 404,
  'trail-not-found': 404,
  'rule-not-found': 404,
  'webhook-not-found': 404,
  'upload-not-found': 404,
  'upload-missing': 409,
};

const people = ['bob', 'alice', 'erin', 'carol'] as const;
/** The owner and an administrator: where not even they get through, it is not for want of rights. */
const mightiest = ['alice', 'carol'] as const;
type Somebody = (typeof people)[number];
/** How others stand to Alice's project. */
const team = { id: 't-share', name: 'Share' };
const relatives = {
  viewer: buildPerson('Vera Viewer'),
  reviewer: buildPerson('Rex Reviewer'),
  editor: buildPerson('Eddy Editor'),
  teammate: buildPerson('Tia Teammate', { teams: [team] }),
  former: buildPerson('Fay Former', { teams: [{ id: 't-other', name: 'Other' }] }),
  foreigner: buildPerson('Ada Abroad', { groups: ['paperlift-admins'], organisationId: 'abroad' }),
};
type Relative = keyof typeof relatives;
const members = [
  buildMember(relatives.viewer, 'viewer'),
  buildMember(relatives.reviewer, 'reviewer'),
  buildMember(relatives.editor, 'editor'),
  buildMember(team, 'reviewer'),
];
const may: Record<Relative, string[]> = {
  viewer: ['view'],
  reviewer: ['view', 'review'],
  editor: ['view', 'review', 'edit'],
  teammate: ['view', 'review'],
  former: [],
  foreigner: [],
};
type Client = { agent: ReturnType<typeof request.agent>; csrfToken: string };
type Row = ReturnType<typeof rowsOf>[number];

function rowsOf(text: string) {
  const lines = text.split('\n').filter((line) => line.includes('|'));
  const [head = [], ...rows] = lines.map((line) => line.split('|').map((cell) => cell.trim()));
  return rows.map((cells) => {
    const [method = '', path = ''] = (cells[0] ?? '').split(/ +/);
    return { route: `${method} ${path}`, method, path, cell: (name: string) => cells[head.indexOf(name)] };
  });
}

interface Layer {
  rawPath?: string | string[];
  slash?: boolean;
  route?: { path: string; methods: Record<string, boolean> };
  handle?: { stack?: Layer[]; routes?: () => Promise<{ stack?: Layer[] }> };
}

/** Every route that Express knows, as `METHOD /path`; and the paths at which something else is mounted. */
async function findRoutes(stack: Layer[], prefix = '') {
  const found = { routes: [] as string[], mounted: [] as string[] };
  for (const { route, handle, rawPath = '/', slash } of stack) {
    const paths = [rawPath].flat().map((path) => prefix + (slash ? '' : path));
    if (route) {
      for (const method of Object.keys(route.methods)) {
        found.routes.push(`${method.toUpperCase()} ${prefix}${route.path}`);
      }
    } else if (handle?.stack || handle?.routes) {
      const router = handle.routes ? await handle.routes() : handle;
      const below = await findRoutes(router.stack ?? [], paths[0]);
      found.routes.push(...below.routes);
      found.mounted.push(...below.mounted);
    } else if (!slash) found.mounted.push(...paths);
  }
  return found;
}

const rows = rowsOf(table);
const isSafe = (row: Row) => row.method === 'GET';
const isOfTheApi = (row: Row) => row.path.startsWith('/api/');

let paperlift: Paperlift;
let image: Buffer;
let clients: Record<Somebody, Client>;
let copyOriginal: () => Promise<PrivateProject>;
let shared: PrivateProject;
let related: Record<Relative, Client>;

async function signIn(name: Somebody): Promise<Client> {
  const { agent, csrfToken } = await paperlift.signIn(`${name}@example.com`);
  return { agent, csrfToken };
}

async function signEverybodyIn() {
  const entries: [Somebody, Client][] = [];
  for (const name of people) entries.push([name, await signIn(name)]);
  clients = Object.fromEntries(entries) as typeof clients;
}

before(async () => {
  paperlift = await startPaperlift();
  image = await textJpeg(['Total'], { width: 200, height: 150 });
  await signEverybodyIn();
  copyOriginal = await addOriginal();
  shared = await addThings();
  const opened = Object.entries(relatives).map(async ([name, person]) => [
    name,
    await browserOf(paperlift, person),
  ]);
  related = Object.fromEntries(await Promise.all(opened));
});
after(() => paperlift.stop());

async function addOriginal() {
  const things = await addPrivateProject(paperlift, 'alice@example.com', {
    members: [...members, buildMember(relatives.former, 'editor')],
  });
  await paperlift.services.stores.projects.removeMember(things.projectId, relatives.former.id);
  return copyPrivateProject(paperlift, things);
}

/** What there is of Alice: a project with what is in it, herself, and, where the row asks for it, a session of hers. */
async function addThings(row?: Row): Promise<PrivateProject & { handle?: string }> {
  const things = await copyOriginal();
  if (row && !row.path.includes(':handle')) return things;
  const { text } = await clients.alice.agent.get('/account');
  return { ...things, handle: /\/account\/sessions\/([^/]+)\/end/.exec(text)?.[1] ?? '' };
}

type Way = { as?: Client; csrfToken?: string | undefined; token?: string; multipart?: boolean };

/** Ids in it are of these things. */
function bodyOf(row: Row, things: PrivateProject) {
  const body = bodies[row.route];
  if (body === undefined || body === 'file') return body;
  const of = (value: unknown) =>
    typeof value === 'string' && value.startsWith(':')
      ? things[value.slice(1) as keyof PrivateProject]
      : value;
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, of(value)]));
}

/** Sends what the row says, against these things, as this client and with this CSRF token. */
async function send(row: Row, things: PrivateProject, { as, csrfToken, token, multipart }: Way) {
  const path = row.path.replace(/[:*](\w+)/g, (_, name) => things[name as keyof PrivateProject] ?? name);
  const method = row.method.toLowerCase() as 'get' | 'post' | 'patch' | 'put' | 'delete';
  const call = (as?.agent ?? request(paperlift.url))[method](path).redirects(0);
  if (token) call.set('Authorization', `Bearer ${token}`);
  const body = bodyOf(row, things);
  if (body === 'file') {
    if (csrfToken && !isOfTheApi(row)) call.field('_csrf', csrfToken);
    if (csrfToken && isOfTheApi(row)) call.set('x-csrf-token', csrfToken);
    return call.attach('files', image, { filename: 'a.jpg', contentType: 'image/jpeg' });
  }
  if (isSafe(row)) return call;
  if (multipart) return call.field('name', 'Forged');
  if (isOfTheApi(row)) return (csrfToken ? call.set('x-csrf-token', csrfToken) : call).send(body ?? {});
  return call.type('form').send({ ...(csrfToken ? { _csrf: csrfToken } : {}), ...body });
}

type Answer = Awaited<ReturnType<typeof send>>;

/** An answer as the table writes it. */
function say(answer: Answer): string {
  const code = codeOf(answer);
  if (code !== undefined && code in refusals) {
    assert.equal(answer.status, refusals[code], code);
    return code;
  }
  if (answer.status === 303 && answer.headers.location?.startsWith('/auth/login?returnTo=')) return 'sign-in';
  return String(answer.status);
}

function codeOf({ body, text = '' }: Answer): string | undefined {
  return body?.code ?? /and quote: <code>([^<]+)<\/code>/.exec(text)?.[1];
}

/** What is stored of Alice's, to see whether a try changed any of it; and whether she is still signed in. */
async function stateOf({ projectId, personId }: PrivateProject, row?: Row) {
  const { clients: aws, people } = paperlift.services;
  const [items, person] = await Promise.all([
    queryAll(aws.documents, {
      TableName: paperlift.config.aws.dynamodb.table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': `PROJECT#${projectId}` },
      ConsistentRead: true,
    }),
    people.find(personId),
  ]);
  const mayEnd = row && endSessions.has(row.route);
  const kept = items.filter(({ sk }) => /^(PROJECT$|(PAGE|EXPORT|IMPORT)#)/.test(String(sk)));
  return JSON.stringify([kept, person, mayEnd && (await clients.alice.agent.get('/account')).status]);
}

test('every route of the app has a row, and every row is a route', async () => {
  const { stack } = (paperlift.app as Express).router as unknown as { stack: Layer[] };
  const { routes, mounted } = await findRoutes(stack);
  assert.deepEqual([...new Set(routes)].sort(), [...new Set(rows.map((row) => withoutQuery(row)))].sort());
  assert.deepEqual([...new Set(mounted)].sort(), guardedPaths, 'something else than a router answers here');
});

const withoutQuery = (row: Row) => row.route.replace(/\?.*/, '');

describe('V8.2.1 each route gives everybody what the table says, and a refusal changes nothing', () => {
  for (const row of rows) {
    test(row.route, async () => {
      const ends = endSessions.has(row.route);
      let things = isSafe(row) ? shared : await addThings(row);
      let before = await stateOf(things, row);
      let isUsedUp = false;
      /** Whose answers since `before` may not have changed anything. */
      let unchanging: string[] = [];
      const assertUnchanged = async () => {
        if (unchanging.length > 0)
          assert.equal(
            await stateOf(things, row),
            before,
            `as ${unchanging.join(' or ')}: something changed`,
          );
        unchanging = [];
      };
      for (const name of ['nobody', ...people] as const) {
        const as = name === 'nobody' ? undefined : ends ? await signIn(name) : clients[name];
        if (isUsedUp) {
          things = await addThings(row);
          before = await stateOf(things, row);
          isUsedUp = false;
        }
        if (ends) before = await stateOf(things, row); // signing in is noted too
        const [expected, effect] = (row.cell(name) ?? '').split(' ');
        const changes = Number(expected) < 400 && !isSafe(row) && effect !== 'nothing';
        if (changes) await assertUnchanged();
        const answer = await send(row, things, as ? { as, csrfToken: as.csrfToken } : {});
        assert.equal(say(answer), expected, `as ${name}`);
        if (!changes) {
          unchanging.push(name);
          if (ends) await assertUnchanged();
          continue;
        }
        if (ends) {
          await paperlift.services.people.enable(things.personId);
          for (const ended of new Set<Somebody>(['alice', ...(as && name !== 'nobody' ? [name] : [])]))
            clients[ended] = await signIn(ended);
        }
        isUsedUp = true;
      }
      await assertUnchanged();
    });
  }
});

describe('what a person may do in a project is what their share in it says, and nothing from another organisation', () => {
  for (const row of rows.filter((row) => row.cell('needs') !== '-')) {
    test(row.route, async () => {
      const needs = row.cell('needs') as string;
      let things = isSafe(row) ? shared : await addThings(row);
      let before = await stateOf(things);
      const assertUnchanged = async () => assert.equal(await stateOf(things), before, 'something changed');
      for (const [name, person] of Object.entries(related)) {
        const rights = may[name as Relative];
        const isAllowed = rights.includes(needs);
        const refusal = needs === 'manage' && name === 'editor' ? 'owner-only' : row.cell('erin');
        const cell = isAllowed ? row.cell('carol') : rights.includes('view') ? refusal : row.cell('bob');
        const [expected, effect] = (cell ?? '').split(' ');
        const changes = isAllowed && !isSafe(row) && effect !== 'nothing';
        if (changes) await assertUnchanged();
        assert.equal(
          say(await send(row, things, { as: person, csrfToken: person.csrfToken })),
          expected,
          name,
        );
        if (!changes) continue;
        things = await addThings(row);
        before = await stateOf(things);
      }
      await assertUnchanged();
    });
  }

  test('every route of a project says what it needs', () => {
    const inProject = rows.filter(({ path }) => path.includes('/:projectId'));
    assert.deepEqual(
      inProject.filter((row) => !['view', 'review', 'edit', 'manage'].includes(row.cell('needs') ?? '')),
      [],
    );
  });
});

describe('V3.5.1 with a cookie alone, or with the CSRF token of somebody else, nothing is changed', () => {
  for (const row of rows.filter((row) => !isSafe(row))) {
    test(row.route, async () => {
      const before = await stateOf(shared, row);
      for (const name of mightiest) {
        // files are not read before it is clear that the project may be changed
        const refusedFirst = bodies[row.route] === 'file' && (row.cell(name) ?? '') in refusals;
        const isExempt = row.cell('forged') === 'same' || refusedFirst;
        for (const csrfToken of [undefined, clients.bob.csrfToken]) {
          const said = say(await send(row, shared, { as: clients[name], csrfToken }));
          assert.equal(said, isExempt ? row.cell(name) : 'csrf-token-missing', `as ${name}`);
        }
        if (isExempt || bodies[row.route] === 'file') continue;
        const form = await send(row, shared, { as: clients[name], multipart: true });
        assert.equal(say(form), 'csrf-token-missing', `as ${name}, by a multipart form`);
      }
      assert.equal(await stateOf(shared, row), before, 'something changed');
    });
  }
});

describe('V6.3.4 by token everybody gets from the API what they get by cookie, and from pages nothing', () => {
  const tokens = new Map<string, string>();
  before(async () => {
    for (const name of people) tokens.set(name, await accessTokenOf(paperlift, `${name}@example.com`));
  });

  for (const row of rows) {
    test(row.route, async () => {
      const isNobody = row.cell('token') === 'nobody';
      let things = isNobody || isSafe(row) ? shared : await addThings(row);
      for (const name of isNobody ? mightiest : people) {
        const token = tokens.get(name) as string;
        const answer = await send(row, things, { token });
        assert.equal(say(answer), row.cell(isNobody ? 'nobody' : name)?.split(' ')[0], `as ${name}`);
        if (answer.status < 400 && !isNobody && !isSafe(row)) things = await addThings(row);
      }
    });
  }
});

describe('a program gets from the API what its scopes and the project’s members say', () => {
  const programs = new Map<string, { token: string; member: ProjectMember }>();
  before(async () => {
    for (const [name, scopes] of [
      ['editor', ['projects.create', 'projects.take-part']],
      ['trail reader', ['trails.read']],
      ['overseer', ['projects.list-all', 'projects.view-all']],
    ] as const) {
      const { account, token } = await programOf(paperlift, name, [...scopes]);
      programs.set(name, { token, member: { ...buildMember(account, 'editor'), kind: 'service' } });
    }
  });

  /** As the editor among people gets it; without a scope that fits, as Bob does, who is no member; with them all, as Erin. */
  const expectedOf = {
    editor: (row: Row) => {
      const needs = row.cell('needs') ?? '-';
      if (needs === '-') return row.cell('alice');
      if (may.editor.includes(needs)) return row.cell('carol');
      return needs === 'manage' ? 'owner-only' : row.cell('erin');
    },
    'trail reader': (row: Row) =>
      row.route === 'POST /api/v1/projects' ? 'may-not-create' : row.cell('bob'),
    overseer: (row: Row) => row.cell('erin'),
  };

  for (const row of rows
    .filter(isOfTheApi)
    .filter((row) => row.cell('token') === 'same' && row.cell('nobody') === 'not-signed-in')) {
    test(row.route, async () => {
      const add = async () => {
        const things = await addThings(row);
        for (const { member } of programs.values())
          await paperlift.services.stores.projects.setMember(things.projectId, member);
        return things;
      };
      let things = await add();
      let before = await stateOf(things);
      for (const [name, { token }] of programs) {
        const expected = expectedOf[name as keyof typeof expectedOf](row)?.split(' ')[0];
        const answer = await send(row, things, { token });
        assert.equal(say(answer), expected, name);
        if (answer.status < 400 && !isSafe(row)) {
          things = await add();
          before = await stateOf(things);
        } else assert.equal(await stateOf(things), before, `as ${name}: something changed`);
      }
    });
  }

  test('and from pages nothing', async () => {
    for (const row of rows.filter((row) => row.cell('token') === 'nobody')) {
      const { token } = programs.get('editor') as { token: string };
      assert.equal(say(await send(row, shared, { token })), row.cell('nobody')?.split(' ')[0], row.route);
    }
  });
});

describe('V8.2.2 another person’s ids are answered like ids that never were', () => {
  const strip = (answer: Answer, things: PrivateProject) => {
    const { 'x-request-id': requestId = '', date: _, etag: __, ...headers } = answer.headers;
    const nonce = /'nonce-([\w-]+)'/.exec(headers['content-security-policy'] ?? '')?.[1] ?? 'none';
    let text = JSON.stringify([answer.status, headers, answer.text]);
    for (const [found, said] of [
      [requestId, 'ID'],
      [nonce, 'NONCE'],
      ...Object.entries(things).map(([k, v]) => [v, k]),
    ]) {
      text = text.replaceAll(found as string, said as string);
    }
    return text;
  };

  let own: PrivateProject;
  before(async () => {
    own = await addPrivateProject(paperlift, 'bob@example.com');
  });

  for (const row of rows.filter(({ path }) => path.includes(':projectId'))) {
    test(`${row.route}, in Alice’s project or with her page or export in one’s own`, async () => {
      const hers = shared;
      const nobodys = { ...hers, projectId: never, pageId: never, exportId: never };
      const bob = { as: clients.bob, csrfToken: clients.bob.csrfToken };
      const theirs = strip(await send(row, hers, bob), hers);
      assert.equal(theirs, strip(await send(row, nobodys, bob), { ...nobodys }));
      if (!/:pageId|:exportId/.test(row.path)) return;
      const before = await stateOf(hers);
      const mixed = { ...hers, projectId: own.projectId };
      const missing = { ...nobodys, projectId: own.projectId };
      assert.equal(
        strip(await send(row, mixed, bob), mixed),
        strip(await send(row, missing, bob), { ...missing }),
      );
      assert.equal(await stateOf(hers), before);
    });
  }
});
