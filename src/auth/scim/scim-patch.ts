// PATCH (RFC 7644 3.5.2) on what Paperlift keeps of users and groups, in the forms that Entra ID and Okta send: operations
// with capitals, booleans as text, dotted names without a path, members to remove as values. Other attributes are ignored.
import * as z from 'zod';
import type { DirectoryEmail, GroupFields, UserFields } from './directory-user.ts';
import { ScimError } from './scim-error.ts';

const patchOp = z.object({
  schemas: z.array(z.string()).refine((all) => all.includes('urn:ietf:params:scim:api:messages:2.0:PatchOp')),
  Operations: z
    .array(
      z.object({
        op: z
          .string()
          .transform((op) => op.toLowerCase())
          .pipe(z.enum(['add', 'replace', 'remove'])),
        path: z.string().max(300).optional(),
        value: z.unknown().optional(),
      }),
    )
    .min(1)
    .max(1000),
});

export type Operation = z.infer<typeof patchOp>['Operations'][number];

export function readOperations(body: unknown): Operation[] {
  const parsed = patchOp.safeParse(body);
  if (parsed.success) return parsed.data.Operations;
  throw new ScimError(400, 'The request is no PatchOp with 1 to 1,000 operations.', 'invalidSyntax');
}

interface Path {
  attribute: string;
  /** `type eq "work"` between brackets. */
  filter?: { name: string; value: string };
  sub?: string;
}

const pathShape = /^([\w$.-]+)(?:\[\s*(\w+)\s+eq\s+(?:"([^"\\]*)"|(true|false))\s*\])?(?:\.(\w+))?$/i;
const ownSchema = /^urn:ietf:params:scim:schemas:core:2\.0:(?:user|group):/i;

function readPath(text: string): Path | undefined {
  const path = text.trim().replace(ownSchema, '');
  if (/^urn:/i.test(path)) return undefined; // an extension's
  const [, name = '', filterName, quoted, plain, after] = pathShape.exec(path) ?? [];
  const [attribute = '', sub = after] = name.toLowerCase().split('.');
  if (!attribute) throw new ScimError(400, `The path ${text.slice(0, 100)} is not supported.`, 'invalidPath');
  return {
    attribute,
    ...(filterName ? { filter: { name: filterName.toLowerCase(), value: quoted ?? plain ?? '' } } : {}),
    ...(sub ? { sub: sub.toLowerCase() } : {}),
  };
}

/** Each operation as steps with a path: without one, the value names the attributes. */
function* stepsOf(operations: Operation[]): Generator<{ op: Operation['op']; path: Path; value: unknown }> {
  for (const { op, path, value } of operations) {
    const named: [string, unknown][] =
      path === undefined ? Object.entries(z.record(z.string(), z.unknown()).parse(value)) : [[path, value]];
    for (const [name, each] of named) {
      const read = readPath(name);
      if (read) yield { op, path: read, value: each };
    }
  }
}

/** Entra ID sends `"False"`, unless told otherwise. */
function toBoolean(value: unknown): boolean {
  const [one] = Array.isArray(value) ? value : [value];
  const given = typeof one === 'object' && one !== null && 'value' in one ? one.value : one;
  if (typeof given === 'boolean') return given;
  if (/^(?:true|false)$/i.test(String(given))) return String(given).toLowerCase() === 'true';
  throw new ScimError(400, 'active must be true or false.', 'invalidValue');
}

const nameParts = { formatted: 'formatted', givenname: 'givenName', familyname: 'familyName' } as const;

/** The user after the operations. The caller parses the result. */
export function patchUser(user: UserFields, operations: Operation[]): Record<keyof UserFields, unknown> {
  const after: Record<keyof UserFields, unknown> = {
    userName: user.userName,
    externalId: user.externalId,
    displayName: user.displayName,
    name: { ...user.name },
    emails: user.emails,
    active: user.active,
  };
  for (const { op, path, value } of stepsOf(operations)) {
    const set = op === 'remove' ? undefined : value;
    if (path.attribute === 'active' && op !== 'remove') after.active = toBoolean(value);
    if (path.attribute === 'username' && op !== 'remove') after.userName = value;
    if (path.attribute === 'externalid') after.externalId = set;
    if (path.attribute === 'displayname') after.displayName = set;
    if (path.attribute === 'emails')
      after.emails = patchEmails(after.emails as DirectoryEmail[], { op, path, value });
    if (path.attribute === 'name') after.name = patchName(after.name as object, path.sub, set);
  }
  return after;
}

function patchName(name: object, sub: string | undefined, value: unknown): unknown {
  if (sub === undefined) return typeof value === 'object' ? { ...name, ...value } : {};
  const part = Object.hasOwn(nameParts, sub) ? nameParts[sub as keyof typeof nameParts] : undefined;
  return part ? { ...name, [part]: value } : name;
}

function patchEmails(
  emails: DirectoryEmail[],
  { op, path: { filter, sub }, value }: { op: Operation['op']; path: Path; value: unknown },
): unknown {
  if (!filter) {
    if (op === 'remove') return [];
    return op === 'add' ? [...emails, ...[value].flat()] : [value].flat();
  }
  const isMeant = (email: DirectoryEmail) =>
    String(email[filter.name as keyof DirectoryEmail] ?? '').toLowerCase() === filter.value.toLowerCase();
  if (op === 'remove') return emails.filter((email) => !isMeant(email));
  const change = sub ? { [sub]: value } : (value as object);
  if (emails.some(isMeant)) return emails.map((email) => (isMeant(email) ? { ...email, ...change } : email));
  const fresh =
    filter.name === 'primary' ? { primary: filter.value === 'true' } : { [filter.name]: filter.value };
  return [...emails, { ...fresh, ...change }]; // Entra ID adds `emails[type eq "work"].value` to users without one
}

/** Changes of who is in a group, in their order. */
export type MemberStep = { do: 'add' | 'remove' | 'set'; ids: string[] };

const memberList = z.union([z.array(z.object({ value: z.string().max(100) })), z.undefined(), z.null()]);

export const memberIdsOf = (value: unknown): string[] => {
  const parsed = memberList.safeParse(value === undefined || value === null ? [] : [value].flat());
  if (!parsed.success) throw new ScimError(400, 'members must be a list of values.', 'invalidValue');
  return (parsed.data ?? []).map(({ value: id }) => id);
};

/** The group after the operations, and how its members change. The caller parses the result. */
export function patchGroup(group: GroupFields, operations: Operation[]) {
  const fields: Record<keyof GroupFields, unknown> = {
    displayName: group.displayName,
    externalId: group.externalId,
  };
  const members: MemberStep[] = [];
  for (const { op, path, value } of stepsOf(operations)) {
    if (path.attribute === 'displayname' && op !== 'remove') fields.displayName = value;
    if (path.attribute === 'externalid') fields.externalId = op === 'remove' ? undefined : value;
    if (path.attribute !== 'members') continue;
    if (path.filter) {
      if (op === 'remove' && path.filter.name === 'value')
        members.push({ do: 'remove', ids: [path.filter.value] });
      else throw new ScimError(400, 'Members are selected by value, to be removed.', 'invalidPath');
    } else if (op === 'remove' && value === undefined) members.push({ do: 'set', ids: [] });
    else members.push({ do: op === 'replace' ? 'set' : op, ids: memberIdsOf(value) });
  }
  return { fields, members };
}
