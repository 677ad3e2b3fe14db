// The project's form for adding pages, and a page's form for replacing its image.
import { type Request, Router } from 'express';
import { acceptedImages, imageTypeNames } from '../files/file-types.ts';
import { explainError, statusOf } from '../http/error-response.ts';
import { personOf } from '../http/request.ts';
import type { PageService } from '../pages/page.service.ts';
import type { ProjectService } from '../projects/project.service.ts';
import type { ProjectView } from '../projects/project.view.ts';
import type { FormUploads } from './form-uploads.ts';
import { isFormError, isReplacementError } from './upload-refusals.ts';

interface Dependencies {
  projects: ProjectService;
  pages: PageService;
  formUploads: FormUploads;
  view: ProjectView;
}

type ProjectRequest = Request<{ projectId: string }>;
type PageRequest = Request<{ projectId: string; pageId: string }>;

export function uploadRoutes({ projects, pages, formUploads, view }: Dependencies) {
  const router = Router();
  const item = '/projects/:projectId/pages/:pageId';
  const projectUrl = (request: ProjectRequest) => `/projects/${request.params.projectId}`;

  router.post('/projects/:projectId/pages', async (request: ProjectRequest, response) => {
    try {
      const { projectId } = request.params;
      const { made, refusals } = await formUploads.addPages(request as Request, personOf(request), projectId);
      if (refusals.length === 0) return response.redirect(303, projectUrl(request));
      const isNothingMade = made.pages.length + made.imports.length === 0;
      await view.show(request, response, isNothingMade ? 400 : 200, { refusals });
    } catch (error) {
      if (!isFormError(error) || response.headersSent) throw error;
      await view.show(request, response, 400, { refusals: [{ fileName: '', message: error.sentence }] });
    }
  });

  router.get(`${item}/replace`, async (request: PageRequest, response) => {
    response.render('pages/replace', await presentReplacing(request));
  });

  router.post(`${item}/image`, async (request: PageRequest, response) => {
    const { projectId, pageId } = request.params;
    try {
      await formUploads.replaceImage(request as Request, personOf(request), projectId, pageId);
      response.redirect(303, projectUrl(request));
    } catch (thrown) {
      const error = explainError(thrown);
      if (!isReplacementError(error) || response.headersSent) throw error;
      response
        .status(statusOf(error))
        .render('pages/replace', { ...(await presentReplacing(request)), refusal: error.sentence });
    }
  });

  /** The model of the form that replaces a page's image. */
  async function presentReplacing(request: PageRequest) {
    const { projectId, pageId } = request.params;
    const person = personOf(request);
    const project = await projects.open(person, projectId);
    const { page, number } = await pages.read(person, projectId, pageId);
    return {
      project: { name: project.name, url: projectUrl(request) },
      page: { id: page.id, number, url: `${projectUrl(request)}/pages/${page.id}` },
      accept: acceptedImages,
      typeNames: imageTypeNames,
      refusal: '',
    };
  }

  return router;
}
