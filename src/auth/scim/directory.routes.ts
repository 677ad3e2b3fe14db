// The page on which administrators connect the company's directory.
import { type Response, Router } from 'express';
import { countOf } from '../../http/formatting.ts';
import { personOf } from '../../http/request.ts';
import { formatTime } from '../../http/times.ts';
import type { Person } from '../../people/person.ts';
import type { DirectoryService } from './directory.service.ts';
import type { DirectoryTokenService } from './directory-token.service.ts';
import type { ScimService } from './scim.service.ts';

interface Dependencies {
  directoryTokens: DirectoryTokenService;
  directory: Pick<DirectoryService, 'mapDirectoryGroups'>;
  scim: Pick<ScimService, 'readAllGroups' | 'countUsers'>;
  publicUrl: string;
  now: () => Date;
}

const groupsShown = 200;

export function directoryRoutes({ directoryTokens, directory, scim, publicUrl, now }: Dependencies) {
  const router = Router();

  async function show(response: Response, actor: Person, token?: string) {
    const { organisationId } = actor;
    const connection = await directoryTokens.view(actor);
    const [groups, users] = await Promise.all([
      scim.readAllGroups(organisationId),
      scim.countUsers(organisationId),
    ]);
    const time = now();
    response.render('admin/directory', {
      url: `${publicUrl}/scim/v2`,
      token: token ?? '',
      isRevoked: response.req.query.notice === 'revoked' && !connection,
      connection: connection && {
        created: formatTime(connection.createdAt, time),
        createdBy: connection.createdByName,
        used: connection.lastUsedAt ? formatTime(connection.lastUsedAt, time) : undefined,
      },
      users: countOf(users, 'user'),
      groupCount: countOf(groups.length, 'group'),
      groups: groups.slice(0, groupsShown).map((group) => {
        const mapped = directory.mapDirectoryGroups(organisationId, [group]);
        const targets = [...mapped.groups, ...mapped.teams.map(({ name }) => `${name} (team)`)];
        return { name: group.displayName, externalId: group.externalId ?? '', targets: targets.join(', ') };
      }),
    });
  }

  router.get('/admin/directory', (request, response) => show(response, personOf(request)));

  // not redirected: the token is in this answer alone
  router.post('/admin/directory/token', async (request, response) => {
    const actor = personOf(request);
    await show(response, actor, await directoryTokens.create(actor));
  });

  router.post('/admin/directory/revoke', async (request, response) => {
    await directoryTokens.revoke(personOf(request));
    response.redirect(303, '/admin/directory?notice=revoked');
  });

  return router;
}
