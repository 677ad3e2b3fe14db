// What is read of the bodies that a directory sends. Attributes that Paperlift does not keep are ignored (RFC 7644 3.3).
import * as z from 'zod';
import { hasVisibleText } from '../../text/visible-text.ts';
import type { GroupFields, UserFields } from './directory-user.ts';
import { ScimError } from './scim-error.ts';
import { memberIdsOf } from './scim-patch.ts';

const text = (longest: number) =>
  z
    .string()
    .max(longest)
    .refine((value) => value.isWellFormed() && !/\p{Cc}/u.test(value), 'must have no control characters');
const required = (longest: number) => text(longest).trim().refine(hasVisibleText, 'must not be empty');
const optional = (longest: number) =>
  z
    .union([text(longest), z.null()])
    .optional()
    .transform((value) => value || undefined);

const email = z.object({
  value: required(320),
  type: optional(50),
  primary: z.union([z.boolean(), z.string().transform((value) => value.toLowerCase() === 'true')]).optional(),
});

const userBody = z.object({
  userName: required(320),
  externalId: optional(200),
  displayName: optional(300),
  name: z
    .object({ formatted: optional(300), givenName: optional(300), familyName: optional(300) })
    .nullish()
    .transform((name) => name ?? {}),
  emails: z
    .array(email)
    .max(20)
    .nullish()
    .transform((emails) => emails ?? []),
  // Entra ID sends text, unless told otherwise
  active: z
    .union([z.boolean(), z.enum(['True', 'False', 'true', 'false']).transform((value) => /^t/i.test(value))])
    .nullish()
    .transform((active) => active ?? true),
});

const groupBody = z.object({
  displayName: required(400),
  externalId: optional(200),
  members: z.unknown().optional(),
});

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(withOwnNames(body));
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0] as z.core.$ZodIssue;
  throw new ScimError(400, `${path.join('.') || 'The body'}: ${message}`.slice(0, 300), 'invalidValue');
}

const names = new Map(
  ['userName', 'externalId', 'displayName', 'name', 'emails', 'active', 'members'].map((name) => [
    name.toLowerCase(),
    name,
  ]),
);

/** Attribute names are case-insensitive (RFC 7643 2.1). */
function withOwnNames(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [names.get(name.toLowerCase()) ?? name, value]),
  );
}

export const readUserFields = (body: unknown): UserFields => parse(userBody, body);

export function readGroupFields(body: unknown): GroupFields & { memberIds: string[] } {
  const { members, ...fields } = parse(groupBody, body);
  return { ...fields, memberIds: memberIdsOf(members) };
}
