import { Router } from 'express';
import * as z from 'zod';
import { personOf } from '../http/request.ts';
import { ulid } from '../ids.ts';
import { toCsv } from './audit.csv.ts';
import { presentEntry, trailUrl } from './audit.presenter.ts';
import type { AuditService } from './audit.service.ts';
import type { TrailName } from './audit.ts';
import type { AuditNamer } from './audit-names.ts';
import { describeVerdict } from './verdict.presenter.ts';

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
  .refine(({ project, person }) => !(project && person), 'Specify either a project or a person.');

const entriesShown = 50;

interface Dependencies {
  audit: AuditService;
  nameFor: AuditNamer;
  now: () => Date;
}

/** Pages of the audit trails, for auditors and administrators. */
export function auditRoutes({ audit, nameFor, now }: Dependencies) {
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
      const names = await nameFor(person, list.items, list.items.flatMap(personOfTrail));
      const next = new URLSearchParams({ kind, cursor: list.cursor ?? '' });
      return response.render('admin/trails', {
        rows: await Promise.all(
          list.items.map(async (entry) => ({
            ...presentEntry(entry, now(), names),
            url: trailUrl(entry.trail),
            title: await audit.titleOf(person, entry.trail, names),
          })),
        ),
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
    const names = await nameFor(person, page.items, query.person ? [query.person] : []);
    const verdict = query.check ? await audit.check(person, trail) : undefined;
    response.render('admin/trail', {
      title: await audit.titleOf(person, trail, names),
      isPerson: trail.startsWith('person:'),
      entries: page.items.map((entry) => presentEntry(entry, now(), names)),
      verdict: verdict && { intact: verdict.intact, text: describeVerdict('this trail', verdict) },
      csvUrl: trailUrl(trail, '/admin/audit.csv'),
      checkUrl: `${trailUrl(trail)}&check=yes`,
      nextUrl: page.cursor ? `${trailUrl(trail)}&before=${page.cursor}` : '',
    });
  });

  router.get('/admin/audit.csv', async (request, response) => {
    const trail = trailOf(trailQuery.parse(request.query)) ?? 'project:';
    const person = personOf(request);
    const { entries } = await audit.download(person, trail);
    response.attachment(`audit-${trail.replace(':', '-')}.csv`);
    response.type('text/csv; charset=utf-8').send(await toCsv(entries, await nameFor(person, entries)));
  });

  return router;
}

function personOfTrail({ trail }: { trail: TrailName }): string[] {
  return trail.startsWith('person:') ? [trail.slice('person:'.length)] : [];
}

function trailOf({ project, person }: { project?: string; person?: string }): TrailName | undefined {
  if (project) return `project:${project}`;
  return person ? `person:${person}` : undefined;
}
