// The API's description (OpenAPI 3.1), made from the same schemas that the routes parse and the tests check.
import * as z from 'zod';
import type { Config } from './config/config.ts';
import { exportAnswer, exportBody, exportListAnswer } from './exports/export.api.ts';
import { importAnswer, importListAnswer } from './imports/import.api.ts';
import { pageAnswer, pageListAnswer } from './pages/page.api.ts';
import { projectAnswer, projectBody, projectListAnswer } from './projects/project.api.ts';
import { projectOrders } from './projects/project.ts';
import { pageChanges } from './review/review.api.ts';
import { searchAnswer } from './search/search.api.ts';
import {
  allowanceAnswer,
  announcedUpload,
  presignedUploadAnswer,
  uploadAnswer,
} from './uploads/upload.api.ts';

const problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  requestId: z.string(),
  refusals: z
    .array(z.strictObject({ fileName: z.string(), code: z.string(), message: z.string() }))
    .optional(),
  conflicts: z
    .array(z.strictObject({ id: z.string(), text: z.string(), wanted: z.string().optional() }))
    .optional(),
});

/** By the name that the document gives them. */
const schemas = {
  Project: projectAnswer,
  ProjectList: projectListAnswer,
  Page: pageAnswer,
  PageList: pageListAnswer,
  Upload: uploadAnswer,
  PageAllowance: allowanceAnswer,
  Import: importAnswer,
  ImportList: importListAnswer,
  PresignedUpload: presignedUploadAnswer,
  Export: exportAnswer,
  ExportList: exportListAnswer,
  SearchResult: searchAnswer,
  Problem: problem,
};

type SchemaName = keyof typeof schemas;

const json = (name: SchemaName) => ({
  'application/json': { schema: { $ref: `#/components/schemas/${name}` } },
});
const answer = (description: string, name?: SchemaName) => ({
  description,
  ...(name ? { content: json(name) } : {}),
});
const binary = (description: string, types: string[]) => ({
  description,
  content: Object.fromEntries(types.map((type) => [type, { schema: { type: 'string', format: 'binary' } }])),
});
const elsewhere = {
  description:
    'The file is too large for a direct response. `Location` is a presigned S3 URL, valid for two minutes.',
  headers: { Location: { schema: { type: 'string', format: 'uri' } } },
};
const describedProblem = {
  description: 'A problem (RFC 9457): what failed, why and what to do, with a stable `code`.',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};
const problems = { '4XX': describedProblem, '5XX': describedProblem };
const body = (schema: z.ZodType) => ({
  required: true,
  content: {
    'application/json': { schema: z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) },
  },
});
const files = {
  required: true,
  content: {
    'multipart/form-data': {
      schema: {
        type: 'object',
        required: ['files'],
        properties: { files: { type: 'array', items: { type: 'string', format: 'binary' } } },
      },
    },
  },
};
const limit = {
  name: 'limit',
  in: 'query',
  description: 'How many items at most',
  schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
};
const inPath = (name: string) => ({
  name,
  in: 'path',
  required: true,
  schema: { type: 'string', pattern: '^[0-7][0-9A-HJKMNP-TV-Z]{25}$' },
});
const projectId = inPath('projectId');
const pageId = inPath('pageId');
const exportId = inPath('exportId');
const importId = inPath('importId');
const uploadId = inPath('uploadId');
const imageRotation = {
  name: 'rotation',
  in: 'query',
  description: 'Degrees clockwise. Request the image that matches polygons returned with this `rotation`.',
  schema: { type: 'integer', enum: [0, 90, 180, 270] },
};
const operation = (operationId: string, summary: string, responses: object, rest: object = {}) => ({
  operationId,
  summary,
  ...rest,
  responses: { ...responses, ...problems },
});

const paths = {
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
          { name: 'scope', in: 'query', schema: { type: 'string', enum: ['mine', 'all'], default: 'mine' } },
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
  '/search': {
    get: operation(
      'search',
      'Search for pages and projects that contain all of these words or words that start with them, newest first. `isCut` is true if a word occurs on too many pages to search all of them.',
      {
        200: answer(
          'Results, each with its best matching line. Pass `cursor` to get the next page.',
          'SearchResult',
        ),
      },
      {
        parameters: [
          { name: 'q', in: 'query', schema: { type: 'string' } },
          { name: 'cursor', in: 'query', schema: { type: 'string' } },
          limit,
          { name: 'scope', in: 'query', schema: { type: 'string', enum: ['mine', 'all'], default: 'mine' } },
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
  '/projects/{projectId}/pages': {
    parameters: [projectId],
    get: operation('listPages', 'List the pages in order, without their text', {
      200: answer('The pages', 'PageList'),
    }),
    post: operation(
      'uploadPages',
      'Upload images (JPEG, PNG, WebP, HEIC, AVIF), one page each, and documents (PDF, TIFF), which are split into pages',
      {
        201: answer(
          'At least one file was accepted. `items` are pages, `imports` are documents being split, and `refusals` lists the rejected files.',
          'Upload',
        ),
      },
      { requestBody: files },
    ),
  },
  '/page-allowance': {
    get: operation(
      'getPageAllowance',
      'Get how many pages you can still add today (UTC). Images, pages of PDF and TIFF files, and replaced images count. Beyond the limit, uploads answer 429 with the code `page-limit-reached` and `Retry-After`. Without a limit, the answer is empty.',
      { 200: answer('What is left of today', 'PageAllowance') },
    ),
  },
  '/projects/{projectId}/uploads': {
    parameters: [projectId],
    post: operation(
      'beginUpload',
      'Request a presigned URL to upload one file of exactly this type and size (bytes) to S3. With `pageId`, the file replaces the image of that page.',
      {
        201: answer(
          'The URL and the headers to send with the file, before the URL expires',
          'PresignedUpload',
        ),
      },
      { requestBody: body(announcedUpload) },
    ),
  },
  '/projects/{projectId}/uploads/{uploadId}/complete': {
    parameters: [projectId, uploadId],
    post: operation(
      'completeUpload',
      'Create a page or an import from the uploaded file. Repeating the request returns the same result.',
      {
        201: answer('The page or the import', 'Upload'),
      },
    ),
  },
  '/projects/{projectId}/pages/{pageId}': {
    parameters: [projectId, pageId],
    get: operation('getPage', 'Get a page with its lines and words', { 200: answer('The page', 'Page') }),
    patch: operation(
      'changePage',
      'Change a page: move it (`number`), rotate it (`rotation`, degrees clockwise; text and polygons rotate along and are not detected again), correct lines (`text: null` restores the original), add lines that were not detected (a line without `id`, or with an `id` of your own made of `m` and a ULID, which is safe to send again; `polygon` says where it is on the image as shown, by default below the other lines), move them (`polygon`) or remove them (`text: null`), accept words or lines, or mark it as reviewed. If a line no longer matches `seen`, the request fails (409, `line-changed`) and `conflicts` contains its current text. If the image no longer matches `revision`, the request also fails.',
      { 200: answer('The changed page', 'Page') },
      { requestBody: body(pageChanges) },
    ),
    delete: operation('deletePage', 'Delete a page. It can be restored for an hour.', {
      204: answer('Deleted'),
    }),
  },
  '/projects/{projectId}/pages/{pageId}/image': {
    parameters: [projectId, pageId],
    get: operation(
      'getPageImage',
      'Get the upright image, at the page’s rotation or the given one',
      { 200: binary('The image', ['image/jpeg']), 302: elsewhere },
      { parameters: [imageRotation] },
    ),
    put: operation(
      'replacePageImage',
      'Replace the image of a page',
      { 200: answer('The page', 'Page') },
      { requestBody: files },
    ),
  },
  '/projects/{projectId}/pages/{pageId}/thumbnail': {
    parameters: [projectId, pageId],
    get: operation(
      'getPageThumbnail',
      'A small image',
      { 200: binary('The thumbnail', ['image/jpeg']) },
      { parameters: [imageRotation] },
    ),
  },
  '/projects/{projectId}/pages/{pageId}/restore': {
    parameters: [projectId, pageId],
    post: operation('restorePage', 'Restore a deleted page to its position, with its text and corrections', {
      200: answer('The restored page', 'Page'),
    }),
  },
  '/projects/{projectId}/pages/{pageId}/retry': {
    parameters: [projectId, pageId],
    post: operation(
      'retryPage',
      'Retry a failed page. Answers 409 `retry-cannot-help` when it would fail again',
      { 202: answer('The page is queued', 'Page') },
    ),
  },
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
  '/projects/{projectId}/exports': {
    parameters: [projectId],
    post: operation(
      'createExport',
      'Create an export of the project. If the project has not changed, the existing export is returned.',
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
};

/** The document as `GET /api/v1/openapi.json` serves it. */
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
    paths,
    components: {
      schemas: Object.fromEntries(
        Object.entries(schemas).map(([name, schema]) => [
          name,
          z.toJSONSchema(schema, { unrepresentable: 'any' }),
        ]),
      ),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-paperlift' },
      },
    },
  };
}
