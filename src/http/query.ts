import * as z from 'zod';
import { PaperliftError } from '../errors.ts';

/** The size of a list's pages in the API: `limit`. */
export const limitParameter = (initial: number) =>
  z
    .string()
    .regex(/^(?:[1-9]\d?|100)$/, 'must be a whole number from 1 to 100')
    .transform(Number)
    .default(initial);

/**
 * Parses a request's query. Throws `query-invalid`, which names the parameter: unknown, repeated, or rejected by the
 * schema. The schema's messages follow the parameter's name.
 */
export function readQuery<Schema extends z.ZodType>(
  schema: Schema,
  query: Record<string, unknown>,
): z.output<Schema> {
  const { success, data, error } = schema.safeParse(query);
  if (success) return data;
  throw invalidQuery(explain(error.issues[0] as z.core.$ZodIssue, query), error);
}

function explain(issue: z.core.$ZodIssue, query: Record<string, unknown>): string {
  if (issue.code === 'unrecognized_keys') return describeUnknown(issue.keys);
  const name = String(issue.path[0]);
  const parameter = `The query parameter "${name}"`;
  if (Array.isArray(query[name])) return `${parameter} is given more than once.`;
  if (issue.code === 'invalid_value') return `${parameter} must be one of: ${issue.values.join(', ')}.`;
  return `${parameter} ${issue.message}.`;
}

export function describeUnknown(names: string[]): string {
  const shown = names.slice(0, 5).map((name) => `"${name.slice(0, 50)}"`);
  return names.length === 1
    ? `The query parameter ${shown[0]} is unknown.`
    : `The query parameters ${shown.join(', ')} are unknown.`;
}

export function invalidQuery(message: string, cause?: unknown) {
  return new PaperliftError('invalid', {
    code: 'query-invalid',
    message,
    hint: 'See the parameters of this call in /api/v1/openapi.json.',
    cause,
  });
}
