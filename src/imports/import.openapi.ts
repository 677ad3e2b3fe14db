// Imports in the API's description.
import { answer, importId, operation, projectId } from '../http/openapi.ts';
import { importAnswer, importListAnswer } from './import.api.ts';

export const importOpenApi = {
  schemas: { Import: importAnswer, ImportList: importListAnswer },
  paths: {
    '/projects/{projectId}/imports': {
      parameters: [projectId],
      get: operation('listImports', 'List the imports (PDF and TIFF files) and their progress', {
        200: answer('The imports', 'ImportList'),
      }),
    },
    '/projects/{projectId}/imports/{importId}': {
      parameters: [projectId, importId],
      get: operation('getImport', 'Get an import', { 200: answer('The import', 'Import') }),
      delete: operation('removeImport', 'Delete an import that is not complete, with its pages', {
        204: answer('Deleted'),
      }),
    },
    '/projects/{projectId}/imports/{importId}/retry': {
      parameters: [projectId, importId],
      post: operation(
        'retryImport',
        'Retry a failed import, starting at the first missing page. Answers 409 `retry-cannot-help` when it would fail again',
        {
          202: answer('The import is queued', 'Import'),
        },
      ),
    },
  },
};
