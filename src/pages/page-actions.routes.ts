// The project's form for actions on pages: on the selected pages, or on one by its menu. Scripts send the same form
// and get a sentence instead of a page.
import { type Request, type Response, Router } from 'express';
import { isPaperliftError } from '../errors.ts';
import { statusOf } from '../http/error-response.ts';
import { countOf } from '../http/formatting.ts';
import { personOf } from '../http/request.ts';
import { ulid } from '../ids.ts';
import type { ProjectService } from '../projects/project.service.ts';
import type { ProjectView } from '../projects/project.view.ts';
import type { AssignmentService } from './assignment.service.ts';
import { noAssignee, noneChosen, noPosition } from './page-actions.errors.ts';
import { position, readBatch } from './page-actions.form.ts';
import type { PageActions } from './page-actions.service.ts';

interface Dependencies {
  projects: ProjectService;
  pageActions: PageActions;
  assignments: Pick<AssignmentService, 'assignPages'>;
  view: ProjectView;
}

type ProjectRequest = Request<{ projectId: string }>;

export function pageActionRoutes(dependencies: Dependencies) {
  const { projects, pageActions, assignments, view } = dependencies;
  const router = Router();
  const projectUrl = (request: ProjectRequest) => `/projects/${request.params.projectId}`;

  function answer(request: ProjectRequest, response: Response, said: string, focus = '') {
    if (request.body?.fragment === 'yes') return response.json({ said, focus });
    response.redirect(303, projectUrl(request));
  }

  async function act(request: ProjectRequest, response: Response) {
    const person = personOf(request);
    const { projectId } = request.params;
    await projects.open(person, projectId);
    const { action, pageIds, to, assignee } = readBatch(request.body);
    if (action === 'nothing') return answer(request, response, 'Nothing changed.');
    if (action === 'retry-untouched') {
      const count = await pageActions.retryUntouched(person, projectId);
      const said =
        count === 0 ? 'No pages to process.' : `Detecting text of ${countOf(count, 'page')} again.`;
      return answer(request, response, said);
    }
    if (pageIds.length === 0) throw noneChosen();
    const these = pageIds.length === 1 ? 'Page' : countOf(pageIds.length, 'page');
    switch (action) {
      case 'rotate-left':
      case 'rotate-right': {
        const direction = action === 'rotate-left' ? 'left' : 'right';
        await pageActions.rotate(person, projectId, pageIds, direction);
        return answer(request, response, `${these} rotated ${direction}.`);
      }
      case 'undo-turn': {
        const count = await pageActions.undoTurns(person, projectId, pageIds);
        const said = count === 0 ? 'No automatic turn to undo.' : `${countOf(count, 'page')} turned back.`;
        return answer(request, response, said);
      }
      case 'straighten': {
        const count = await pageActions.straightenAll(person, projectId, pageIds, true);
        const said =
          count === 0 ? 'No tilt to straighten was found.' : `${countOf(count, 'page')} straightened.`;
        return answer(request, response, said);
      }
      case 'undo-straighten': {
        const count = await pageActions.straightenAll(person, projectId, pageIds, false);
        return answer(request, response, `Straightening undone on ${countOf(count, 'page')}.`);
      }
      case 'read-image': {
        const { queued, kept } = await pageActions.readFrom(person, projectId, pageIds, 'ocr');
        const said =
          queued === 0
            ? 'No text from a PDF to replace.'
            : `Reading ${countOf(queued, 'page')} from the image. To undo it, use the PDF’s own text.`;
        return answer(request, response, said + sayKept(kept));
      }
      case 'read-pdf-text': {
        const { queued, kept } = await pageActions.readFrom(person, projectId, pageIds, 'pdf-text');
        const said =
          queued === 0
            ? 'No other text in a PDF.'
            : `Taking the text of ${countOf(queued, 'page')} from the PDF. To undo it, read as an image instead.`;
        return answer(request, response, said + sayKept(kept));
      }
      case 'delete': {
        const deletionId = await pageActions.remove(person, projectId, pageIds);
        return answer(
          request,
          response,
          `${these} deleted. You can undo this for an hour.`,
          `undo-${deletionId}`,
        );
      }
      case 'move': {
        const given = position.safeParse(to);
        if (!given.success) throw noPosition();
        await pageActions.move(person, projectId, pageIds, given.data);
        return answer(request, response, `${these} moved to position ${given.data}.`);
      }
      case 'assign': {
        if (!assignee) throw noAssignee();
        const [first] = await assignments.assignPages(person, projectId, pageIds, assignee);
        return answer(request, response, first ? `${these} assigned.` : 'Nothing changed.');
      }
      case 'unassign': {
        const assigned = await assignments.assignPages(person, projectId, pageIds, null);
        const said =
          assigned.length === 0 ? 'No page was assigned.' : `${countOf(assigned.length, 'page')} unassigned.`;
        return answer(request, response, said);
      }
      default: {
        const count = await pageActions.retry(person, projectId, pageIds);
        const said = count === 0 ? 'No pages have failed.' : `Retrying ${countOf(count, 'page')}.`;
        return answer(request, response, said);
      }
    }
  }

  router.post('/projects/:projectId/batch', async (request: ProjectRequest, response) => {
    try {
      await act(request, response);
    } catch (error) {
      const isForPeople = isPaperliftError(error) && ['conflict', 'invalid', 'too-many'].includes(error.kind);
      if (!isForPeople) throw error;
      const message = error.sentence;
      const status = statusOf(error);
      if (request.body?.fragment === 'yes') {
        response.status(status).json({ code: error.code, message });
        return;
      }
      await view.show(request, response, status, { refusals: [{ fileName: '', message }] });
    }
  });

  router.post('/projects/:projectId/undo', async (request: ProjectRequest, response) => {
    const deletionId = ulid.parse(request.body?.deletion);
    try {
      const back = await pageActions.restoreDeletion(personOf(request), request.params.projectId, deletionId);
      const [first] = back;
      const said = `${back.length === 1 ? 'Page' : countOf(back.length, 'page')} restored.`;
      answer(request, response, said, first && `open-${first.id}`);
    } catch (error) {
      if (!isPaperliftError(error, 'nothing-to-restore')) throw error; // pressed twice: it is back, as was wanted
      answer(request, response, 'Nothing to restore: already restored, or more than an hour has passed.');
    }
  });

  return router;
}

const sayKept = (count: number) =>
  count === 0 ? '' : ` ${countOf(count, 'page')} with corrections or a review left unchanged.`;
