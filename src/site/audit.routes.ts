import { Router } from 'express';
import * as z from 'zod';
import { toCsv } from '../audit/audit.csv.ts';
import { presentEntry, sayVerdict, trailUrl } from '../audit/audit.presenter.ts';
import type { AuditService } from '../audit/audit.service.ts';
import type { AuditEntry, TrailName } from '../audit/audit.ts';
import { personOf } from '../http/request.ts';
import { ulid } from '../projects/project.ts';

const trailQuery = z
  .object({
    project: ulid.optional(),
    person: z
      .string()
      .regex(/^[\w-]{1,100}$/)
      .optional(),
    kind: z.enum(['project', 'person']).default('project'),
    before: z.coerce.number().int().positive().optional(),
    cursor: z
      .string()
      .regex(/^[\w:.#-]{1,100}$/)
      .optional(),
    check: z.literal('yes').optional(),
  })
  .refine(({ project, person }) => !(project && person), 'Ask for a project or for a person.');

const entriesShown = 50;

/** The audit trails, for auditors and administrators. */
export function auditRoutes({ audit, now }: { audit: AuditService; now: () => Date }) {
  const router = Router();

  router.get('/admin/audit', async (request, response) => {
    const person = personOf(request);
    const query = trailQuery.parse(request.query);
    const trail = trailOf(query);
    if (!trail) {
      const { kind, cursor } = query;
      const list = await audit.listTrails(person, kind, {
        limit: entriesShown,
        ...(cursor ? { cursor } : {}),
      });
      const next = new URLSearchParams({ kind, cursor: list.cursor ?? '' });
      return response.render('admin/trails', {
        rows: list.items.map((entry) => ({
          ...presentEntry(entry, now()),
          url: trailUrl(entry.trail),
          title: titleOf(entry.trail, [entry]),
        })),
        kinds: [
          { label: 'Projects', url: '/admin/audit', current: kind === 'project' },
          { label: 'People', url: '/admin/audit?kind=person', current: kind === 'person' },
        ],
        nextUrl: list.cursor ? `/admin/audit?${next}` : '',
      });
    }
    const page = await audit.list(person, trail, {
      limit: entriesShown,
      ...(query.before ? { before: query.before } : {}),
    });
    const verdict = query.check ? await audit.check(person, trail) : undefined;
    response.render('admin/trail', {
      title: titleOf(trail, page.items),
      isPerson: trail.startsWith('person:'),
      entries: page.items.map((entry) => presentEntry(entry, now())),
      verdict: verdict && { intact: verdict.intact, text: sayVerdict(trail, verdict) },
      csvUrl: trailUrl(trail, '/admin/audit.csv'),
      checkUrl: `${trailUrl(trail)}&check=yes`,
      nextUrl: page.cursor ? `${trailUrl(trail)}&before=${page.cursor}` : '',
    });
  });

  router.get('/admin/audit.csv', async (request, response) => {
    const trail = trailOf(trailQuery.parse(request.query)) ?? 'project:';
    const { entries } = await audit.download(personOf(request), trail);
    response.attachment(`audit-${trail.replace(':', '-')}.csv`);
    response.type('text/csv; charset=utf-8').send(toCsv(entries));
  });

  return router;
}

function trailOf({ project, person }: { project?: string; person?: string }): TrailName | undefined {
  if (project) return `project:${project}`;
  return person ? `person:${person}` : undefined;
}

/** The name of the project or person as the entries know it, or the id. */
function titleOf(trail: TrailName, entries: AuditEntry[]): string {
  const id = trail.slice(trail.indexOf(':') + 1);
  if (trail.startsWith('person:')) return entries.find(({ actorId }) => actorId === id)?.actorName ?? id;
  return entries.find(({ projectName }) => projectName)?.projectName ?? id;
}
