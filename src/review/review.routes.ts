// The review of one page. Every change is a form; scripts send the same forms and ask for the changed lines alone.
import { type Request, type Response, Router } from 'express';
import { isPaperliftError } from '../errors.ts';
import { personOf } from '../http/request.ts';
import type { PageService } from '../pages/page.service.ts';
import { showPolygon, storePolygon, viewOf } from '../pages/page-view.ts';
import type { Policies } from '../people/policies.ts';
import type { ProjectService } from '../projects/project.service.ts';
import { countWordsToCheck } from '../text/corrections.ts';
import { LineConflictError } from '../text/line-conflict.error.ts';
import type { Rotation } from '../text/rotated-polygons.ts';
import {
  changesOf,
  drawnAtOf,
  lineIdsOf,
  noticeNamed,
  noticeOf,
  type ReviewForm,
  reviewForm,
  rotateForm,
  straightenForm,
} from './review.form.ts';
import type { ReviewInput } from './review.presenter.ts';
import type { ReviewService } from './review.service.ts';
import { renderReview, sendFragment } from './review.view.ts';
import { nextInQueueUrl } from './review-queue.presenter.ts';
import type { ReviewQueue } from './review-queue.service.ts';
import { findInLines, readSearchOf } from './review-search.ts';

interface Dependencies {
  projects: ProjectService;
  pages: PageService;
  reviews: ReviewService;
  reviewQueue: Pick<ReviewQueue, 'claimNext'>;
  policies: Policies;
  now: () => Date;
}

type PageRequest = Request<{ projectId: string; pageId: string }>;

export function reviewRoutes({ projects, pages, reviews, reviewQueue, policies, now }: Dependencies) {
  const router = Router();
  const item = '/projects/:projectId/pages/:pageId';

  async function inputFor(request: PageRequest): Promise<ReviewInput> {
    const person = personOf(request);
    const { projectId, pageId } = request.params;
    const { project, page, siblings, lines } = await pages.read(person, projectId, pageId);
    const mayChange = policies.mayInProject(person, 'review', project);
    const mayEdit = policies.mayInProject(person, 'edit', project);
    return {
      project,
      page,
      pages: siblings,
      lines,
      mayChange,
      mayEdit,
      personId: person.id,
      now: now(),
      searched: await findInLines(request.query, page, lines),
    };
  }

  async function showConflicts(
    request: PageRequest,
    response: Response,
    form: ReviewForm,
    { conflicts }: LineConflictError,
  ) {
    const asNow = await inputFor(request);
    const { page } = asNow;
    const polygon =
      form.polygon && showPolygon(storePolygon(form.polygon, viewOf(page, drawnAtOf(form))), viewOf(page));
    const input = {
      ...asNow,
      conflicts: conflicts
        .filter(({ wanted }) => wanted !== undefined)
        .map((conflict) => ({ ...conflict, polygon })),
    };
    response.status(409);
    if (form.fragment)
      return sendFragment(
        response,
        input,
        conflicts.map(({ id }) => id),
      );
    const notice = 'Someone else changed this line. Your change isn’t saved yet.';
    await renderReview(response, { ...input, notice });
  }

  router.get(item, async (request: PageRequest, response) => {
    const { edit, notice, add } = request.query;
    await renderReview(response, {
      ...(await inputFor(request)),
      ...(typeof edit === 'string' ? { editing: edit } : {}),
      isAdding: add === 'yes',
      notice: noticeNamed(notice),
    });
  });

  router.post(`${item}/review`, async (request: PageRequest, response) => {
    const form = reviewForm.parse(request.body);
    const { projectId, pageId } = request.params;
    const url = `/projects/${projectId}/pages/${pageId}`;
    const query = readSearchOf(request.query)?.query ?? '';
    try {
      const changes = changesOf(form);
      if (form.do === 'keep') {
        await projects.open(personOf(request), projectId, 'review');
        const input = await inputFor(request);
        if (form.fragment) return sendFragment(response, input, lineIdsOf(form));
        return response.redirect(303, `${url}${query}`);
      }
      const person = personOf(request);
      const { project, page, lines, changed, wasClaimed } = await reviews.changeLines(
        person,
        projectId,
        pageId,
        changes,
      );
      if (form.fragment) {
        // the other pages' state is read once this one is done, not at each word
        const isDone = countWordsToCheck(lines, page) === 0;
        const siblings = isDone ? await pages.list(person, projectId) : [page];
        const input = {
          project,
          page,
          pages: siblings,
          lines,
          mayChange: true,
          mayEdit: policies.mayInProject(person, 'edit', project),
          personId: person.id,
          now: now(),
          searched: await findInLines(request.query, page, lines),
        };
        return sendFragment(response, input, [...changed, ...lineIdsOf(form)]);
      }
      if (changes.reviewed && wasClaimed) {
        const next = await reviewQueue.claimNext(person, { project, page });
        return response.redirect(303, nextInQueueUrl(next, 'done'));
      }
      const [lineId, ...others] = new Set(lineIdsOf(form));
      const number = others.length > 0 ? 0 : lines.findIndex(({ id }) => id === lineId) + 1;
      const asked = [query.slice(1), noticeOf(form)].filter(Boolean).join('&');
      response.redirect(303, `${url}${asked && `?${asked}`}${number > 0 ? `#line-${number}` : ''}`);
    } catch (error) {
      if (error instanceof LineConflictError) return showConflicts(request, response, form, error);
      if (isPaperliftError(error, 'words-unchecked')) {
        response.status(409);
        return renderReview(response, { ...(await inputFor(request)), asksToMark: true });
      }
      if (!form.fragment || !isPaperliftError(error)) throw error;
      const status = error.kind === 'conflict' ? 409 : error.kind === 'too-large' ? 413 : 0;
      if (status === 0) throw error;
      response.status(status).json({ code: error.code, message: error.sentence });
    }
  });

  router.post(`${item}/rotate`, async (request: PageRequest, response) => {
    const { revision, rotation, fragment } = rotateForm.parse(request.body);
    const { projectId, pageId } = request.params;
    await reviews.change(personOf(request), projectId, pageId, {
      rotation: Number(rotation) as Rotation,
      revision,
    });
    const query = readSearchOf(request.query)?.query ?? '';
    if (!fragment) return response.redirect(303, `/projects/${projectId}/pages/${pageId}${query}`);
    await renderReview(response, await inputFor(request), 'pages/scan');
  });

  router.post(`${item}/straighten`, async (request: PageRequest, response) => {
    const { revision, straightened } = straightenForm.parse(request.body);
    const { projectId, pageId } = request.params;
    const changes = { straightened: straightened === 'true', revision };
    await reviews.change(personOf(request), projectId, pageId, changes);
    response.redirect(
      303,
      `/projects/${projectId}/pages/${pageId}${readSearchOf(request.query)?.query ?? ''}`,
    );
  });

  return router;
}
