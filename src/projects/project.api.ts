// Projects in the API.
import * as z from 'zod';
import { limitParameter } from '../http/query.ts';
import { languageAnswer, languageList } from './language-list.ts';
import { listScopes, type Project, projectName, projectOrders } from './project.ts';
import { readCursor } from './project-cursor.ts';
import { granteeId } from './sharing.api.ts';

const cursorRule = 'must be a cursor from an earlier response with the same sort order';

export const projectBody = z.strictObject({
  name: projectName,
  languages: languageList.optional(),
  teamId: granteeId.optional(),
});

/** No languages: none are chosen any more. */
export const projectChanges = z
  .strictObject({
    name: projectName.optional(),
    languages: languageList.optional(),
    /** Who is to review it. `null`: no one. */
    assigneeId: granteeId.nullable().optional(),
  })
  .refine((changes) => Object.keys(changes).length > 0, 'Set name, languages or assigneeId.');

export const listQuery = z
  .strictObject({
    cursor: z.string().max(3000, cursorRule).optional(),
    limit: limitParameter(20),
    scope: z.enum(listScopes).default('own'),
    sort: z.enum(projectOrders).default('newest'),
    q: z.string().max(200, 'must have 200 characters or fewer').optional(),
  })
  .transform(({ sort: order, q: search, cursor, ...rest }, context) => {
    const place = cursor === undefined ? undefined : readCursor(order, cursor);
    if (cursor !== undefined && place === undefined) {
      context.addIssue({ code: 'custom', path: ['cursor'], message: cursorRule });
    }
    return { ...rest, order, search, cursor: place };
  });

export const projectAnswer = z.strictObject({
  id: z.string(),
  name: z.string(),
  owner: z.strictObject({ id: z.string(), name: z.string() }),
  createdAt: z.iso.datetime(),
  /** Empty: none are chosen. */
  languages: z.array(languageAnswer),
  /** Who is to review its pages, except those that are assigned to someone else. */
  assignee: z.strictObject({ id: z.string(), name: z.string() }).optional(),
  pageCount: z.number().int(),
});

export const projectListAnswer = z.strictObject({
  items: z.array(projectAnswer),
  cursor: z.string().optional(),
});

export function toProjectAnswer(project: Project, pageCount: number): z.infer<typeof projectAnswer> {
  const { id, name, ownerId, ownerName, createdAt, languages = [], assignment } = project;
  const assignee = assignment && { id: assignment.id, name: assignment.name };
  return {
    id,
    name,
    owner: { id: ownerId, name: ownerName },
    createdAt,
    languages,
    ...(assignee ? { assignee } : {}),
    pageCount,
  };
}
