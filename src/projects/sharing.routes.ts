// The page that says who sees a project, and its forms.
import { type Request, type Response, Router } from 'express';
import * as z from 'zod';
import { personOf } from '../http/request.ts';
import { type MemberRole, memberRoles } from '../people/permissions.ts';
import type { Project } from './project.ts';
import { granteeId } from './sharing.api.ts';
import { presentSharing } from './sharing.presenter.ts';
import type { SharingService } from './sharing.service.ts';

type ProjectRequest = Request<{ projectId: string }>;
type MemberRequest = Request<{ projectId: string; memberId: string }>;

const text = z.string().max(200).catch('');
const shareForm = z.object({ id: granteeId, role: z.enum(memberRoles) });
const roleForm = z.object({ role: z.enum(memberRoles) });
const ownerForm = z.object({ id: granteeId });
const membersQuery = z.object({
  who: text,
  part: z.enum(['found']).optional().catch(undefined),
  removed: granteeId.optional().catch(undefined),
  role: z.enum(memberRoles).optional().catch(undefined),
  notice: z.enum(['shared', 'handed-over']).optional().catch(undefined),
});

const notices = { shared: 'Project shared.', 'handed-over': 'Project handed over.' };

export function sharingRoutes({ sharing }: { sharing: SharingService }) {
  const router = Router();

  /** The member whom the project was just taken back from, for undo. */
  async function nameRemoved(project: Project, id: string, role: MemberRole) {
    const grantee = await sharing.findGrantee(project.organisationId, id).catch(() => undefined);
    return grantee && { id, role, name: grantee.name };
  }

  router.get('/projects/:projectId/members', async (request: ProjectRequest, response) => {
    const person = personOf(request);
    const { projectId } = request.params;
    const { who: q, part, removed, role, notice } = membersQuery.parse(request.query);
    const project = await sharing.viewMembers(person, projectId);
    const mayManage = sharing.mayManage(person, project);
    const found = mayManage && q.trim() ? await sharing.suggest(person, projectId, q) : [];
    const model = presentSharing({
      project,
      person,
      mayManage,
      q,
      found,
      removed: removed && role && mayManage ? await nameRemoved(project, removed, role) : undefined,
      notice: notice && notices[notice],
    });
    response.render(part === 'found' ? 'projects/grantees' : 'projects/members', model);
  });

  router.post('/projects/:projectId/members', async (request: ProjectRequest, response) => {
    const { projectId } = request.params;
    const person = personOf(request);
    await sharing.assertMayManage(person, projectId);
    await sharing.share(person, projectId, shareForm.parse(request.body ?? {}));
    response.redirect(303, `/projects/${projectId}/members?notice=shared`);
  });

  router.post('/projects/:projectId/members/:memberId', async (request: MemberRequest, response) => {
    const { projectId, memberId } = request.params;
    const person = personOf(request);
    await sharing.assertMayManage(person, projectId);
    const { role } = roleForm.parse(request.body ?? {});
    await sharing.share(person, projectId, { id: memberId, role });
    response.redirect(303, `/projects/${projectId}/members`);
  });

  router.post('/projects/:projectId/members/:memberId/remove', async (request: MemberRequest, response) => {
    const { projectId, memberId } = request.params;
    const person = personOf(request);
    const { member, staysVisible } = await sharing.unshare(person, projectId, memberId);
    if (!staysVisible) return response.redirect(303, '/?scope=shared');
    const removed = new URLSearchParams({ removed: member.id, role: member.role });
    response.redirect(303, `/projects/${projectId}/members?${removed}`);
  });

  router.post('/projects/:projectId/owner', async (request: ProjectRequest, response: Response) => {
    const { projectId } = request.params;
    const person = personOf(request);
    await sharing.assertMayManage(person, projectId);
    const { id } = ownerForm.parse(request.body ?? {});
    await sharing.handOver(person, projectId, id);
    response.redirect(303, `/projects/${projectId}/members?notice=handed-over`);
  });

  return router;
}
