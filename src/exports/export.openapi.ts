// Exports in the API's description.
import { answer, binary, body, elsewhere, exportId, limit, operation, projectId } from '../http/openapi.ts';
import { exportAnswer, exportBody, exportListAnswer } from './export.api.ts';

export const exportOpenApi = {
  schemas: { Export: exportAnswer, ExportList: exportListAnswer },
  paths: {
    '/projects/{projectId}/exports': {
      parameters: [projectId],
      post: operation(
        'createExport',
        'Create an export of the project. If the project has not changed, the existing export is returned. `translateTo` adds a translation to `docx` and `txt`, where the deployment offers that language.',
        {
          202: {
            ...answer('The export. `Location` is the URL of its status.', 'Export'),
            headers: { Location: { schema: { type: 'string' } } },
          },
        },
        { requestBody: body(exportBody) },
      ),
      get: operation(
        'listExports',
        'List exports, newest first',
        { 200: answer('One page of the list. Pass `cursor` to get the next page.', 'ExportList') },
        {
          parameters: [
            { name: 'cursor', in: 'query', schema: { type: 'string' } },
            { ...limit, schema: { ...limit.schema, default: 50 } },
          ],
        },
      ),
    },
    '/projects/{projectId}/exports/{exportId}': {
      parameters: [projectId, exportId],
      get: operation('getExport', 'Get the status of an export', { 200: answer('The export', 'Export') }),
      delete: operation('deleteExport', 'Delete an export and its file, even while it is being created', {
        204: answer('Deleted'),
      }),
    },
    '/projects/{projectId}/exports/{exportId}/file': {
      parameters: [projectId, exportId],
      get: operation('getExportFile', 'Download the file', {
        200: binary('The file', ['application/pdf', 'text/plain; charset=utf-8', 'application/json']),
        302: elsewhere,
      }),
    },
  },
};
