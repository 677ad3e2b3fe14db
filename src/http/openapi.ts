// What the descriptions of the API's resources are made of (OpenAPI 3.1).
import * as z from 'zod';

export const problem = z.strictObject({
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

const json = (name: string) => ({
  'application/json': { schema: { $ref: `#/components/schemas/${name}` } },
});
export const answer = (description: string, name?: string) => ({
  description,
  ...(name ? { content: json(name) } : {}),
});
export const binary = (description: string, types: string[]) => ({
  description,
  content: Object.fromEntries(types.map((type) => [type, { schema: { type: 'string', format: 'binary' } }])),
});
export const elsewhere = {
  description:
    'The file is too large for a direct response. `Location` is a presigned S3 URL, valid for two minutes.',
  headers: { Location: { schema: { type: 'string', format: 'uri' } } },
};
const describedProblem = {
  description: 'A problem (RFC 9457): what failed, why and what to do, with a stable `code`.',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};
const problems = { '4XX': describedProblem, '5XX': describedProblem };
export const body = (schema: z.ZodType) => ({
  required: true,
  content: {
    'application/json': { schema: z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) },
  },
});
export const files = {
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
export const limit = {
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
export const projectId = inPath('projectId');
export const pageId = inPath('pageId');
export const exportId = inPath('exportId');
export const importId = inPath('importId');
export const uploadId = inPath('uploadId');
export const imageRotation = {
  name: 'rotation',
  in: 'query',
  description: 'Degrees clockwise. Request the image that matches polygons returned with this `rotation`.',
  schema: { type: 'integer', enum: [0, 90, 180, 270] },
};
export const imageStraightened = {
  name: 'straightened',
  in: 'query',
  description: 'Request the image that matches polygons returned with this `straightened`.',
  schema: { type: 'boolean' },
};
export const operation = (operationId: string, summary: string, responses: object, rest: object = {}) => ({
  operationId,
  summary,
  ...rest,
  responses: { ...responses, ...problems },
});
