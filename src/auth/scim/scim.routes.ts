// SCIM 2.0 (RFC 7644) at /scim/v2, for the directory of an organisation: no cookies, no sessions.
import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
  Router,
} from 'express';
import * as z from 'zod';
import { isPaperliftError } from '../../errors.ts';
import { ulid } from '../../ids.ts';
import type { DirectoryTokenService } from './directory-token.service.ts';
import type { DirectoryGroup } from './directory-user.ts';
import { presentError, presentGroup, presentList, presentUser } from './scim.presenter.ts';
import type { ScimService } from './scim.service.ts';
import { maxResults, resourceTypes, schemas, serviceProviderConfig } from './scim-discovery.ts';
import { ScimError } from './scim-error.ts';
import { readFilter } from './scim-filter.ts';
import { readOperations } from './scim-patch.ts';

interface Dependencies {
  scim: ScimService;
  directoryTokens: Pick<DirectoryTokenService, 'verify'>;
  publicUrl: string;
  limitRequests: RequestHandler;
}

const whole = (least: number, initial: number) =>
  z
    .string()
    .regex(/^-?\d{1,9}$/)
    .transform(Number)
    .default(initial)
    .transform((number) => Math.max(least, number));
const listQuery = z.object({
  filter: z.string().optional(),
  startIndex: whole(1, 1),
  count: whole(0, 100).transform((count) => Math.min(count, maxResults)),
  attributes: z.string().max(1000).optional(),
  excludedAttributes: z.string().max(1000).optional(),
});

const organisationOf = (response: Response): string => response.locals.organisationId;

/** The bearer token, before anything of the body is read. */
function authenticate({ verify }: Pick<DirectoryTokenService, 'verify'>): RequestHandler {
  return async (request, response, next) => {
    const [scheme, token = ''] = (request.get('authorization') ?? '').split(/ +/, 2);
    const organisationId = scheme?.toLowerCase() === 'bearer' ? await verify(token) : undefined;
    if (organisationId === undefined) {
      response.set('WWW-Authenticate', 'Bearer');
      throw new ScimError(401, 'The directory’s token is missing, was replaced or was revoked.');
    }
    response.locals.organisationId = organisationId;
    request.log?.info({ organisationId, method: request.method, path: request.path }, 'directory request');
    next();
  };
}

function readList(request: Request) {
  const parsed = listQuery.safeParse(request.query);
  if (!parsed.success)
    throw new ScimError(400, 'startIndex and count must be whole numbers.', 'invalidValue');
  const { filter, startIndex, count, attributes = '', excludedAttributes = '' } = parsed.data;
  const has = (list: string, name: string) =>
    list
      .toLowerCase()
      .split(/[\s,]+/)
      .includes(name);
  return {
    page: { startIndex, count },
    filters: filter === undefined ? undefined : readFilter(filter),
    withMembers: !has(excludedAttributes, 'members') && (attributes === '' || has(attributes, 'members')),
  };
}

export function scimRoutes({ scim, directoryTokens, publicUrl, limitRequests }: Dependencies) {
  const base = `${publicUrl}/scim/v2`;
  const router = Router();
  router.use((_request, response, next) => {
    response.type('application/scim+json');
    next();
  });
  router.use(limitRequests, authenticate(directoryTokens));
  router.use(
    express.json({ type: ['application/scim+json', 'application/json'], limit: '1mb', strict: true }),
  );
  router.param('id', (_request, _response, next, id) => {
    if (!ulid.safeParse(id).success) throw new ScimError(404, 'There is no resource with this id.');
    next();
  });

  const withMembers = async (group: DirectoryGroup, isWanted = true) =>
    presentGroup(group, isWanted ? await scim.membersOf(group.id) : undefined, base);

  router.get('/ServiceProviderConfig', (_request, response) => {
    response.json(serviceProviderConfig(base));
  });
  for (const [path, list] of [
    ['/ResourceTypes', resourceTypes(base)],
    ['/Schemas', schemas(base)],
  ] as const) {
    router.get(path, (_request, response) => {
      response.json(presentList(list, { total: list.length, startIndex: 1 }));
    });
    router.get(`${path}/:name`, (request: Request<{ name: string }>, response) => {
      const found = list.find(({ id }) => id === request.params.name);
      if (!found) throw new ScimError(404, 'There is no resource with this id.');
      response.json(found);
    });
  }

  router.get('/Users', async (request, response) => {
    const { page, filters } = readList(request);
    const { items, total } = await scim.listUsers(organisationOf(response), page, filters);
    const users = items.map((user) => presentUser(user, base));
    response.json(presentList(users, { total, startIndex: page.startIndex }));
  });
  router.post('/Users', async (request, response) => {
    const user = presentUser(await scim.createUser(organisationOf(response), request.body), base);
    response.status(201).location(user.meta.location).json(user);
  });
  router.get('/Users/:id', async (request, response) => {
    response.json(presentUser(await scim.getUser(organisationOf(response), request.params.id), base));
  });
  router.put('/Users/:id', async (request, response) => {
    const user = await scim.replaceUser(organisationOf(response), request.params.id, request.body);
    response.json(presentUser(user, base));
  });
  router.patch('/Users/:id', async (request, response) => {
    const operations = readOperations(request.body);
    const user = await scim.patchUser(organisationOf(response), request.params.id, operations);
    response.json(presentUser(user, base));
  });
  router.delete('/Users/:id', async (request, response) => {
    await scim.deleteUser(organisationOf(response), request.params.id);
    response.status(204).end();
  });

  router.get('/Groups', async (request, response) => {
    const { page, filters, withMembers: isWanted } = readList(request);
    const { items, total } = await scim.listGroups(organisationOf(response), page, filters);
    const groups: object[] = [];
    for (const group of items) groups.push(await withMembers(group, isWanted));
    response.json(presentList(groups, { total, startIndex: page.startIndex }));
  });
  router.post('/Groups', async (request, response) => {
    const group = await withMembers(await scim.createGroup(organisationOf(response), request.body));
    response.status(201).location(group.meta.location).json(group);
  });
  router.get('/Groups/:id', async (request, response) => {
    const { withMembers: isWanted } = readList(request);
    response.json(
      await withMembers(await scim.getGroup(organisationOf(response), request.params.id), isWanted),
    );
  });
  router.put('/Groups/:id', async (request, response) => {
    const group = await scim.replaceGroup(organisationOf(response), request.params.id, request.body);
    response.json(await withMembers(group));
  });
  router.patch('/Groups/:id', async (request, response) => {
    await scim.patchGroup(organisationOf(response), request.params.id, readOperations(request.body));
    response.status(204).end(); // a group may have thousands of members
  });
  router.delete('/Groups/:id', async (request, response) => {
    await scim.deleteGroup(organisationOf(response), request.params.id);
    response.status(204).end();
  });

  router.use(() => {
    throw new ScimError(404, 'This address does not exist.');
  });
  router.use(answerScimErrors);
  return router;
}

const statuses: Record<string, number> = {
  'too-many': 429,
  unavailable: 503,
  'not-found': 404,
  forbidden: 403,
};

const answerScimErrors: ErrorRequestHandler = (error, request, response, _next) => {
  const refusal = toScimError(error);
  if (refusal.status >= 500) request.log?.error({ err: error }, 'directory request failed');
  else request.log?.info({ status: refusal.status, detail: refusal.message }, 'directory request refused');
  if (isPaperliftError(error) && error.retryAfterSeconds)
    response.set('Retry-After', String(error.retryAfterSeconds));
  response.status(refusal.status).type('application/scim+json').json(presentError(refusal));
};

function toScimError(error: unknown): ScimError {
  if (error instanceof ScimError) return error;
  if (isPaperliftError(error)) return new ScimError(statuses[error.kind] ?? 400, error.sentence);
  // of the body's parser
  const { type, status } = error as { type?: string; status?: number };
  if (type === 'entity.too.large') return new ScimError(413, 'The body is larger than 1 MB.', 'tooMany');
  if (status !== undefined && status < 500)
    return new ScimError(400, 'The body is not valid JSON.', 'invalidSyntax');
  return new ScimError(500, 'Something went wrong. Try again.');
}
