// The API's description (OpenAPI 3.1), made from the same schemas that the routes parse and the tests check.
import * as z from 'zod';
import type { Config } from './config.ts';
import { exportAnswer, exportBody } from './exports/export.api.ts';
import { importAnswer, importListAnswer } from './pages/import.api.ts';
import {
  announcedUpload,
  pageAnswer,
  pageChanges,
  pageListAnswer,
  presignedUploadAnswer,
  uploadAnswer,
} from './pages/page.api.ts';
import { projectAnswer, projectBody, projectListAnswer } from './projects/project.api.ts';
import { projectOrders } from './projects/project.ts';
import { searchAnswer } from './search/search.api.ts';

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

const exportListAnswer = z.strictObject({ items: z.array(exportAnswer) });

/** By the name that the document gives them. */
const schemas = {
  Project: projectAnswer,
  ProjectList: projectListAnswer,
  Page: pageAnswer,
  PageList: pageListAnswer,
  Upload: uploadAnswer,
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
    'Too large for this way of running: `Location` is a presigned address of S3, good for two minutes',
  headers: { Location: { schema: { type: 'string', format: 'uri' } } },
};
const describedProblem = {
  description: 'What failed, why, and what to do (RFC 9457), with a stable `code`.',
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
  description: 'Degrees clockwise: the image that goes with polygons that were read at this `rotation`',
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
      'Make a project',
      { 201: answer('Made', 'Project') },
      { requestBody: body(projectBody) },
    ),
    get: operation(
      'listProjects',
      'Your projects, newest first if nothing else is asked for; administrators and auditors may ask for all',
      { 200: answer('A part of the list; `cursor` leads to the next', 'ProjectList') },
      {
        parameters: [
          { name: 'cursor', in: 'query', schema: { type: 'string' } },
          limit,
          { name: 'scope', in: 'query', schema: { type: 'string', enum: ['mine', 'all'], default: 'mine' } },
          {
            name: 'sort',
            in: 'query',
            description: '`changed`: what changed last comes first',
            schema: { type: 'string', enum: projectOrders, default: 'newest' },
          },
          { name: 'q', in: 'query', description: 'Words in the name', schema: { type: 'string' } },
        ],
      },
    ),
  },
  '/search': {
    get: operation(
      'search',
      'Pages and projects with all of these words, or words that begin so, newest first; `isCut` when a word is on too many pages to look through all of them',
      { 200: answer('What was found, each with its best line; `cursor` leads further', 'SearchResult') },
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
    get: operation('getProject', 'One project', { 200: answer('The project', 'Project') }),
    patch: operation(
      'renameProject',
      'Rename a project',
      { 200: answer('Renamed', 'Project') },
      { requestBody: body(projectBody) },
    ),
    delete: operation('deleteProject', 'Delete a project with all that is in it', { 204: answer('Deleted') }),
  },
  '/projects/{projectId}/pages': {
    parameters: [projectId],
    get: operation('listPages', 'The pages in their order, without their text', {
      200: answer('The pages', 'PageList'),
    }),
    post: operation(
      'uploadPages',
      'Upload images (JPEG, PNG, WebP, HEIC), one page each, and documents (PDF, TIFF), which are split into pages',
      {
        201: answer(
          'At least one file was taken: `items` are pages, `imports` documents that are being split; `refusals` names the others',
          'Upload',
        ),
      },
      { requestBody: files },
    ),
  },
  '/projects/{projectId}/uploads': {
    parameters: [projectId],
    post: operation(
      'beginUpload',
      'Ask for an address to which one file of exactly this type and length (bytes) can be sent straight to S3; with `pageId` it replaces that page’s image',
      { 201: answer('Send the file there, with these headers, before it expires', 'PresignedUpload') },
      { requestBody: body(announcedUpload) },
    ),
  },
  '/projects/{projectId}/uploads/{uploadId}/complete': {
    parameters: [projectId, uploadId],
    post: operation(
      'completeUpload',
      'Make a page of the file that was sent, or an import; asked again, the same',
      {
        201: answer('The page or the import', 'Upload'),
      },
    ),
  },
  '/projects/{projectId}/pages/{pageId}': {
    parameters: [projectId, pageId],
    get: operation('getPage', 'One page with its lines and words', { 200: answer('The page', 'Page') }),
    patch: operation(
      'changePage',
      'Move a page (`number`), rotate it (`rotation`, degrees clockwise; its image and polygons turn along, and it is not read again), correct lines (`text: null` undoes), accept words or whole lines, mark it as reviewed. With `seen`, a line that reads otherwise by now is refused (409, `line-changed`), and `conflicts` says how it reads; with `revision`, a page that has another image by now',
      { 200: answer('Changed', 'Page') },
      { requestBody: body(pageChanges) },
    ),
    delete: operation('deletePage', 'Delete a page; for an hour it can be put back', {
      204: answer('Deleted'),
    }),
  },
  '/projects/{projectId}/pages/{pageId}/image': {
    parameters: [projectId, pageId],
    get: operation(
      'getPageImage',
      'The upright image, at the page’s rotation or at the one given',
      { 200: binary('The image', ['image/jpeg']), 302: elsewhere },
      { parameters: [imageRotation] },
    ),
    put: operation(
      'replacePageImage',
      'Put another image in its place',
      { 200: answer('Replaced', 'Page') },
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
    post: operation('restorePage', 'Put a deleted page back in its place, with its text and corrections', {
      200: answer('It is back', 'Page'),
    }),
  },
  '/projects/{projectId}/pages/{pageId}/retry': {
    parameters: [projectId, pageId],
    post: operation('retryPage', 'Try a failed page again', { 202: answer('It is in the queue', 'Page') }),
  },
  '/projects/{projectId}/imports': {
    parameters: [projectId],
    get: operation('listImports', 'The files of many pages in their order, and how far they are split', {
      200: answer('The imports', 'ImportList'),
    }),
  },
  '/projects/{projectId}/imports/{importId}': {
    parameters: [projectId, importId],
    get: operation('getImport', 'One file of many pages', { 200: answer('The import', 'Import') }),
    delete: operation('removeImport', 'Take a file away that is not wholly split, with its pages', {
      204: answer('Taken away'),
    }),
  },
  '/projects/{projectId}/imports/{importId}/retry': {
    parameters: [projectId, importId],
    post: operation('retryImport', 'Split a failed file again, from the first page that is missing', {
      202: answer('It is in the queue', 'Import'),
    }),
  },
  '/projects/{projectId}/exports': {
    parameters: [projectId],
    post: operation(
      'createExport',
      'Ask for a file of the project; an unchanged project gives the stored one',
      {
        202: {
          ...answer('`Location` says where its status is', 'Export'),
          headers: { Location: { schema: { type: 'string' } } },
        },
      },
      { requestBody: body(exportBody) },
    ),
    get: operation('listExports', 'The latest exports, newest first', {
      200: answer('The exports', 'ExportList'),
    }),
  },
  '/projects/{projectId}/exports/{exportId}': {
    parameters: [projectId, exportId],
    get: operation('getExport', 'The status of an export', { 200: answer('The export', 'Export') }),
  },
  '/projects/{projectId}/exports/{exportId}/file': {
    parameters: [projectId, exportId],
    get: operation('getExportFile', 'The file', {
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
        'Projects, pages and exports. With a session cookie, whatever changes something also needs the header X-CSRF-Token.',
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
