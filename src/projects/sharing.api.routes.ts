import { type Request, Router } from 'express';
import { readQuery } from '../http/query.ts';
import { personOf } from '../http/request.ts';
import { granteeQuery, memberBody, ownerBody, toMemberAnswer, toMemberListAnswer } from './sharing.api.ts';
import type { SharingService } from './sharing.service.ts';

type ProjectRequest = Request<{ projectId: string }>;
type MemberRequest = Request<{ projectId: string; memberId: string }>;

export function sharingApiRoutes({ sharing }: { sharing: SharingService }) {
  const router = Router();

  router.get('/projects/:projectId/members', async (request: ProjectRequest, response) => {
    response.json(toMemberListAnswer(await sharing.viewMembers(personOf(request), request.params.projectId)));
  });

  router.put('/projects/:projectId/members/:memberId', async (request: MemberRequest, response) => {
    const { projectId, memberId } = request.params;
    const person = personOf(request);
    await sharing.assertMayManage(person, projectId);
    const { role } = memberBody.parse(request.body);
    response.json(toMemberAnswer(await sharing.share(person, projectId, { id: memberId, role })));
  });

  router.delete('/projects/:projectId/members/:memberId', async (request: MemberRequest, response) => {
    const { projectId, memberId } = request.params;
    await sharing.unshare(personOf(request), projectId, memberId);
    response.status(204).end();
  });

  router.get('/projects/:projectId/grantees', async (request: ProjectRequest, response) => {
    const person = personOf(request);
    const { q } = readQuery(granteeQuery, request.query);
    response.json({ items: await sharing.suggest(person, request.params.projectId, q) });
  });

  router.put('/projects/:projectId/owner', async (request: ProjectRequest, response) => {
    const { projectId } = request.params;
    const person = personOf(request);
    await sharing.assertMayManage(person, projectId);
    const { id } = ownerBody.parse(request.body);
    response.json(toMemberListAnswer(await sharing.handOver(person, projectId, id)));
  });

  return router;
}
