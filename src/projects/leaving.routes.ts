// The page on which an administrator hands over all that a person has.
import { type Request, Router } from 'express';
import * as z from 'zod';
import { countOf } from '../http/formatting.ts';
import { personOf } from '../http/request.ts';
import type { LeavingService } from './leaving.service.ts';
import { granteeId } from './sharing.api.ts';
import { describeKind } from './sharing.presenter.ts';

type PersonRequest = Request<{ personId: string }>;

const query = z.object({ who: z.string().max(200).catch('') });
const form = z.object({ toId: granteeId });
const namesShown = 20;

export function leavingRoutes({ leaving }: { leaving: LeavingService }) {
  const router = Router();

  router.get('/admin/people/:personId/hand-over', async (request: PersonRequest, response) => {
    const { who: q } = query.parse(request.query);
    const {
      person,
      owned,
      shared,
      leaving: state,
      found,
    } = await leaving.preview(personOf(request), request.params.personId, q);
    const count = owned.isMore
      ? `more than ${countOf(owned.names.length, 'project')}`
      : countOf(owned.names.length, 'project');
    response.render('admin/hand-over', {
      personName: person.name,
      email: person.email,
      url: `/admin/people/${person.id}/hand-over`,
      q,
      count,
      hasAny: owned.names.length > 0 || shared.count > 0,
      names: owned.names.slice(0, namesShown),
      more: owned.names.length > namesShown ? owned.names.length - namesShown : 0,
      shares: shared.isMore
        ? `more than ${countOf(shared.count, 'project')}`
        : countOf(shared.count, 'project'),
      found: found.map(({ id, name, kind, email }) => ({
        id,
        name,
        note: describeKind({ kind, email }),
      })),
      isNothingFound: q.trim() !== '' && found.length === 0,
      isUnderWay: state !== undefined && !state.endedAt,
      progress: state
        ? `${countOf(state.projects, 'project')} handed over to ${state.to.name}, ${countOf(state.shares, 'share')} ended.`
        : '',
    });
  });

  router.post('/admin/people/:personId/hand-over', async (request: PersonRequest, response) => {
    const { personId } = request.params;
    const { toId } = form.parse(request.body ?? {});
    await leaving.begin(personOf(request), personId, toId);
    response.redirect(303, `/admin/people/${personId}/hand-over`);
  });

  return router;
}
