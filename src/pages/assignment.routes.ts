// The forms that assign the review of a project or of one page. Several pages: page-actions.routes.ts.
import { type Request, Router } from 'express';
import * as z from 'zod';
import { personOf } from '../http/request.ts';
import { assigneeField } from './assignment.form.ts';
import type { AssignmentService } from './assignment.service.ts';

type ProjectRequest = Request<{ projectId: string }>;
type PageRequest = Request<{ projectId: string; pageId: string }>;

const assignForm = z.object({ assigneeId: assigneeField });

export function assignmentRoutes({ assignments }: { assignments: AssignmentService }) {
  const router = Router();

  router.post('/projects/:projectId/assignee', async (request: ProjectRequest, response) => {
    const { projectId } = request.params;
    const person = personOf(request);
    await assignments.assertMayAssign(person, projectId);
    const { assigneeId } = assignForm.parse(request.body ?? {});
    const { before } = await assignments.assignProject(person, projectId, assigneeId);
    response.redirect(303, `/projects/${projectId}?assigned-before=${before?.id ?? 'no-one'}`);
  });

  router.post('/projects/:projectId/pages/:pageId/assignee', async (request: PageRequest, response) => {
    const { projectId, pageId } = request.params;
    const person = personOf(request);
    await assignments.assertMayAssign(person, projectId);
    const { assigneeId } = assignForm.parse(request.body ?? {});
    await assignments.assignPages(person, projectId, [pageId], assigneeId);
    response.redirect(303, `/projects/${projectId}/pages/${pageId}`);
  });

  return router;
}
