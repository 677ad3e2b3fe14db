// The API's description (OpenAPI 3.1), made from the same schemas that the routes parse and the tests check. Each feature
// describes its own resources, beside their routes.
import * as z from 'zod';
import type { Config } from './config/config.ts';
import { exportOpenApi } from './exports/export.openapi.ts';
import { problem } from './http/openapi.ts';
import { importOpenApi } from './imports/import.openapi.ts';
import { allowanceOpenApi } from './pages/allowance.openapi.ts';
import { pageOpenApi } from './pages/page.openapi.ts';
import { projectOpenApi } from './projects/project.openapi.ts';
import { sharingOpenApi } from './projects/sharing.openapi.ts';
import { reviewOpenApi } from './review/review.openapi.ts';
import { reviewQueueOpenApi } from './review/review-queue.openapi.ts';
import { searchOpenApi } from './search/search.openapi.ts';
import { uploadOpenApi } from './uploads/upload.openapi.ts';

const resources = [
  projectOpenApi,
  sharingOpenApi,
  pageOpenApi,
  reviewOpenApi,
  reviewQueueOpenApi,
  uploadOpenApi,
  allowanceOpenApi,
  importOpenApi,
  exportOpenApi,
  searchOpenApi,
];

/** Several features may answer the same path, each by other methods. */
function mergePaths(described: { paths: Record<string, object> }[]) {
  const merged: Record<string, object> = {};
  for (const { paths } of described)
    for (const [path, operations] of Object.entries(paths)) merged[path] = { ...merged[path], ...operations };
  return merged;
}

/** The document that `GET /api/v1/openapi.json` serves. */
export function openApiDocument(config: Pick<Config, 'publicUrl'>) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Paperlift',
      version: '1',
      license: { name: 'MIT', identifier: 'MIT' },
      description:
        'Projects, pages and exports. With a session cookie, requests that change something also need the X-CSRF-Token header.',
    },
    servers: [{ url: `${config.publicUrl}/api/v1` }],
    security: [{ bearer: [] }, { session: [] }],
    paths: mergePaths(resources),
    components: {
      schemas: Object.fromEntries(
        Object.entries(Object.assign({ Problem: problem }, ...resources.map(({ schemas }) => schemas))).map(
          ([name, schema]) => [name, z.toJSONSchema(schema as z.ZodType, { unrepresentable: 'any' })],
        ),
      ),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-paperlift' },
      },
    },
  };
}
