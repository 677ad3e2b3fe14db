// Projects in the API's description.
import { answer, body, limit, operation, projectId } from '../http/openapi.ts';
import { projectAnswer, projectBody, projectChanges, projectListAnswer } from './project.api.ts';
import { listScopes, projectOrders } from './project.ts';

export const projectOpenApi = {
  schemas: { Project: projectAnswer, ProjectList: projectListAnswer },
  paths: {
    '/projects': {
      post: operation(
        'createProject',
        'Create a project, of your own or of a team that you are in (`teamId`). `languages` are those of its pages (BCP 47 tags); without any, the deployment’s default applies, else they are detected.',
        { 201: answer('The project', 'Project') },
        { requestBody: body(projectBody) },
      ),
      get: operation(
        'listProjects',
        'List projects, newest first by default: your own, those shared with you, those of your teams, or all of the organisation, which administrators, auditors and records managers can list.',
        { 200: answer('One page of the list. Pass `cursor` to get the next page.', 'ProjectList') },
        {
          parameters: [
            { name: 'cursor', in: 'query', schema: { type: 'string' } },
            limit,
            {
              name: 'scope',
              in: 'query',
              schema: { type: 'string', enum: listScopes, default: 'own' },
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
        'changeProject',
        'Rename a project, or choose the languages of its pages. Pages that are processed from now on use them; to detect the text of others again, retry each with `languages`. Or assign the review of its pages (`assigneeId`: the owner, or a member who is reviewer or editor; null for no one).',
        { 200: answer('The changed project', 'Project') },
        { requestBody: body(projectChanges) },
      ),
      delete: operation('deleteProject', 'Delete a project and everything in it', { 204: answer('Deleted') }),
    },
  },
};
