import { type Request, Router } from 'express';
import { readQuery } from '../http/query.ts';
import { personOf } from '../http/request.ts';
import type { Person } from '../people/person.ts';
import { listQuery, projectBody, projectChanges, toProjectAnswer } from './project.api.ts';
import type { ProjectService } from './project.service.ts';
import type { Project } from './project.ts';
import { writeCursor } from './project-cursor.ts';

type ListedProjects = Awaited<ReturnType<ProjectService['list']>>['items'];

interface Dependencies {
  projects: ProjectService;
  /** Assigns its review. Passed in like the following. */
  assign: (person: Person, projectId: string, assigneeId: string | null) => Promise<{ project: Project }>;
  /** Summarizes each project. Passed in, because pages depend on projects and not the reverse. */
  summarize: (listed: ListedProjects) => Promise<{ project: Project; facts: { pageCount: number } }[]>;
}

type ProjectRequest = Request<{ projectId: string }>;

export function projectApiRoutes({ projects, assign, summarize }: Dependencies) {
  const router = Router();

  async function presentOne(project: Project) {
    const [summarized] = await summarize([{ project, summary: undefined }]);
    return toProjectAnswer(project, summarized?.facts.pageCount ?? 0);
  }

  router.post('/projects', async (request, response) => {
    const project = await projects.create(personOf(request), projectBody.parse(request.body));
    response.status(201).location(`/api/v1/projects/${project.id}`).json(toProjectAnswer(project, 0));
  });

  router.get('/projects', async (request, response) => {
    const query = readQuery(listQuery, request.query);
    const list = await projects.list(personOf(request), query);
    const items = await summarize(list.items);
    response.json({
      items: items.map(({ project, facts }) => toProjectAnswer(project, facts.pageCount)),
      ...(list.cursor ? { cursor: writeCursor(query.order, list.cursor) } : {}),
    });
  });

  router.get('/projects/:projectId', async (request: ProjectRequest, response) => {
    const project = await projects.view(personOf(request), request.params.projectId);
    response.json(await presentOne(project));
  });

  router.patch('/projects/:projectId', async (request: ProjectRequest, response) => {
    const person = personOf(request);
    await projects.open(person, request.params.projectId);
    const { assigneeId, ...changes } = projectChanges.parse(request.body);
    const { projectId } = request.params;
    const assigned = assigneeId === undefined ? undefined : await assign(person, projectId, assigneeId);
    const isChanged = Object.keys(changes).length > 0;
    const project = isChanged ? await projects.change(person, projectId, changes) : assigned?.project;
    response.json(await presentOne(project ?? (await projects.read(person, projectId))));
  });

  router.delete('/projects/:projectId', async (request: ProjectRequest, response) => {
    await projects.remove(personOf(request), request.params.projectId);
    response.status(204).end();
  });

  return router;
}
