// The organisations of this deployment. Most have one and need no file.
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { defaultOrganisationId, type Organisation } from '../people/organisation.ts';
import { type CustomRole, type Permission, permissions } from '../people/permissions.ts';
import { hasVisibleText } from '../text/visible-text.ts';

const visible = z.string().trim().max(200).refine(hasVisibleText, 'must have visible characters');
const gigabyte = 1_000_000_000;

/** An organisation in ORGANISATIONS_FILE. */
const organisationOfFile = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/),
  name: visible,
  supportContact: visible.optional(),
  pagesPerMonth: z.number().int().min(0).default(0),
  storageGigabytes: z.number().min(0).default(0),
  roles: z
    .array(
      z.strictObject({
        name: visible,
        group: visible,
        permissions: z.array(z.enum(Object.keys(permissions) as [Permission, ...Permission[]])).min(1),
      }),
    )
    .default([]),
});

export interface Organisations {
  all: Organisation[];
  customRoles: CustomRole[];
}

interface Given {
  ORGANISATIONS?: string | undefined;
  ORGANISATIONS_FILE?: string | undefined;
  SUPPORT_CONTACT: string;
}

/**
 * Reads ORGANISATIONS or ORGANISATIONS_FILE: a JSON list. Adds mistakes to `mistakes`. The default organisation exists in any
 * case.
 */
export function readOrganisations(
  { ORGANISATIONS: text, ORGANISATIONS_FILE: file, SUPPORT_CONTACT: supportContact }: Given,
  mistakes: string[],
): Organisations {
  const unnamed = { id: defaultOrganisationId, name: '', supportContact, pagesPerMonth: 0, storageBytes: 0 };
  if (!text && !file) return { all: [unnamed], customRoles: [] };
  const variable = text ? 'ORGANISATIONS' : 'ORGANISATIONS_FILE';
  const addMistake = (message: string) => void mistakes.push(`${variable}: ${message}`);
  let json: unknown;
  try {
    json = JSON.parse(text ?? readFileSync(file ?? '', 'utf8'));
  } catch (error) {
    addMistake((error as Error).message);
    return { all: [unnamed], customRoles: [] };
  }
  const parsed = z.array(organisationOfFile).min(1).safeParse(json);
  if (!parsed.success) {
    for (const { path, message } of parsed.error.issues)
      addMistake(`${path.join('.') || 'the list'}: ${message}`);
    return { all: [unnamed], customRoles: [] };
  }
  const ids = parsed.data.map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) addMistake(`two organisations have the same id: ${twice}`);
  const all = parsed.data.map(({ roles: _, storageGigabytes, ...rest }) => ({
    ...rest,
    supportContact: rest.supportContact ?? supportContact,
    storageBytes: storageGigabytes * gigabyte,
  }));
  return {
    all: ids.includes(defaultOrganisationId) ? all : [unnamed, ...all],
    customRoles: parsed.data.flatMap(({ id, roles }) =>
      roles.map((role) => ({ ...role, organisationId: id })),
    ),
  };
}
