// Projects in the API's description.
import { answer, body, limit, operation, projectId } from '../http/openapi.ts';
import { projectAnswer, projectBody, projectListAnswer } from './project.api.ts';
import { projectOrders } from './project.ts';

export const projectOpenApi = {
  schemas: { Project: projectAnswer, ProjectList: projectListAnswer },
  paths: {
    '/projects': {
      post: operation(
        'createProject',
        'Create a project',
        { 201: answer('The project', 'Project') },
        { requestBody: body(projectBody) },
      ),
      get: operation(
        'listProjects',
        'List your projects, newest first by default. Administrators and auditors can list all projects.',
        { 200: answer('One page of the list. Pass `cursor` to get the next page.', 'ProjectList') },
        {
          parameters: [
            { name: 'cursor', in: 'query', schema: { type: 'string' } },
            limit,
            {
              name: 'scope',
              in: 'query',
              schema: { type: 'string', enum: ['mine', 'all'], default: 'mine' },
            },
            {
              name: 'sort',
              in: 'query',
              description: '`changed` lists the most recently changed projects first',
              schema: { type: 'string', enum: projectOrders, default: 'newest' },
            },
            { name: 'q', in: 'query', description: 'Words in the project name', schema: { type: 'string' } },
          ],
        },
      ),
    },
    '/projects/{projectId}': {
      parameters: [projectId],
      get: operation('getProject', 'Get a project', { 200: answer('The project', 'Project') }),
      patch: operation(
        'renameProject',
        'Rename a project',
        { 200: answer('The renamed project', 'Project') },
        { requestBody: body(projectBody) },
      ),
      delete: operation('deleteProject', 'Delete a project and everything in it', { 204: answer('Deleted') }),
    },
  },
};
