// Sharing in the API's description.
import { answer, body, operation, projectId } from '../http/openapi.ts';
import { granteeListAnswer, memberAnswer, memberBody, memberListAnswer, ownerBody } from './sharing.api.ts';

const memberId = {
  name: 'memberId',
  in: 'path',
  required: true,
  description: 'The id of a person, a team or a service account',
  schema: { type: 'string' },
};

export const sharingOpenApi = {
  schemas: { Member: memberAnswer, MemberList: memberListAnswer, GranteeList: granteeListAnswer },
  paths: {
    '/projects/{projectId}/members': {
      parameters: [projectId],
      get: operation('listMembers', 'List the owner of a project and whom it is shared with', {
        200: answer('The owner and the members', 'MemberList'),
      }),
    },
    '/projects/{projectId}/members/{memberId}': {
      parameters: [projectId, memberId],
      put: operation(
        'shareProject',
        'Share a project with a person, a team or a service account of the organisation, or change their role. Viewers see it, reviewers also correct its text, editors also change its pages and create exports.',
        { 200: answer('The member', 'Member') },
        { requestBody: body(memberBody) },
      ),
      delete: operation('unshareProject', 'Stop sharing a project with a member, or leave it yourself', {
        204: answer('No longer shared'),
      }),
    },
    '/projects/{projectId}/grantees': {
      parameters: [projectId],
      get: operation(
        'findGrantees',
        'Find people, teams and service accounts of the organisation that the project can be shared with',
        { 200: answer('At most 8 of them', 'GranteeList') },
        {
          parameters: [
            {
              name: 'q',
              in: 'query',
              description: 'The beginning of a name or an email address',
              schema: { type: 'string' },
            },
          ],
        },
      ),
    },
    '/projects/{projectId}/owner': {
      parameters: [projectId],
      put: operation(
        'handOverProject',
        'Hand a project over to a person, a team or a service account. If you owned it, you stay as an editor.',
        { 200: answer('The new owner and the members', 'MemberList') },
        { requestBody: body(ownerBody) },
      ),
    },
  },
};
