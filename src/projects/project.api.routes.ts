import { type Request, Router } from 'express';
import { personOf } from '../http/request.ts';
import { listQuery, projectBody, toProjectAnswer } from './project.api.ts';
import type { ProjectService } from './project.service.ts';
import type { Project } from './project.ts';

interface Dependencies {
  projects: ProjectService;
  /** How many pages each of these projects has: pages know projects, not the other way round. */
  countPages: (projectIds: string[]) => Promise<number[]>;
}

type ProjectRequest = Request<{ projectId: string }>;

export function projectApiRoutes({ projects, countPages }: Dependencies) {
  const router = Router();

  async function present(items: Project[]) {
    const counts = await countPages(items.map((project) => project.id));
    return items.map((project, index) => toProjectAnswer(project, counts[index] ?? 0));
  }

  router.post('/projects', async (request, response) => {
    const { name } = projectBody.parse(request.body);
    const project = await projects.create(personOf(request), name);
    response.status(201).location(`/api/v1/projects/${project.id}`).json(toProjectAnswer(project, 0));
  });

  router.get('/projects', async (request, response) => {
    const { scope, cursor } = listQuery.parse(request.query);
    const list = await projects.list(personOf(request), { scope, ...(cursor ? { cursor } : {}) });
    response.json({ ...list, items: await present(list.items) });
  });

  router.get('/projects/:projectId', async (request: ProjectRequest, response) => {
    const project = await projects.view(personOf(request), request.params.projectId);
    response.json((await present([project]))[0]);
  });

  router.patch('/projects/:projectId', async (request: ProjectRequest, response) => {
    const person = personOf(request);
    await projects.open(person, request.params.projectId);
    const { name } = projectBody.parse(request.body);
    const project = await projects.rename(person, request.params.projectId, name);
    response.json((await present([project]))[0]);
  });

  router.delete('/projects/:projectId', async (request: ProjectRequest, response) => {
    await projects.remove(personOf(request), request.params.projectId);
    response.status(204).end();
  });

  return router;
}
